-- migrate: min-app 1.1.0
-- migrate: lock-timeout 3s
ALTER TABLE study DROP COLUMN title;
