CREATE INDEX CONCURRENTLY study_title ON study (title);
