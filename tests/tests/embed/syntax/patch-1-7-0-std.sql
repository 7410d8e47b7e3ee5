CREATE TABLE table (id bigint);
