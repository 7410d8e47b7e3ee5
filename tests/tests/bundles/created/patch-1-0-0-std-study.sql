CREATE TABLE study (code text PRIMARY KEY, title text NOT NULL);
