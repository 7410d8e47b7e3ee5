ALTER TABLE study RENAME title TO name;
