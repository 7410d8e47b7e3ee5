CREATE INDEX study_title ON study (title)
