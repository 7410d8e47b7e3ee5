-- A participant's number was never a number. Releases that read `number` can't run against this.
-- migrate: min-app 2.0.0

ALTER TABLE participant RENAME COLUMN number TO code;
