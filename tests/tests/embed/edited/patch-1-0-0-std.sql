CREATE TABLE study (id integer PRIMARY KEY);
