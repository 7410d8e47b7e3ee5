CREATE TABLE study (id bigint PRIMARY KEY, title text);
CREATE INDEX study_title ON study (title);
