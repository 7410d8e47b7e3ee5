CREATE INDEX study_code ON study (code);
