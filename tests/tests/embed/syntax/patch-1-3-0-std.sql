CREATE TABLE study (id bigint)
CREATE TABLE visit (id bigint);
