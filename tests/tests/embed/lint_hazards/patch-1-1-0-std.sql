-- Every study has a title.
UPDATE study SET title = '' WHERE title IS NULL;
ALTER TABLE study
  ALTER COLUMN title SET NOT NULL,
  ADD COLUMN code uuid DEFAULT gen_random_uuid();
