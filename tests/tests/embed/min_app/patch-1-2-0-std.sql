ALTER TABLE study
  ADD a text,
  ALTER COLUMN id TYPE bigint;
