\set ON_ERROR_STOP on
CREATE TABLE study (id bigint PRIMARY KEY);
