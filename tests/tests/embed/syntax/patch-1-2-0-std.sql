CREATE TABLE study (id bigint;
