-- migrate: allow index-not-concurrent: it is empty
CREATE INDEX study_id ON study (id);
