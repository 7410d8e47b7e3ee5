-- migrate: kind concurrent
DROP INDEX CONCURRENTLY study_id;
