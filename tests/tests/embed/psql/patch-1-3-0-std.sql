CREATE TABLE study (id bigint PRIMARY KEY);
\echo done
