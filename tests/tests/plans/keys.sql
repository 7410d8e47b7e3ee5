-- case fk_to_new_table
CREATE TABLE s(id int);
-- to
CREATE TABLE k(id int PRIMARY KEY); CREATE TABLE s(id int REFERENCES k);
-- case mutual_keys_of_new_tables
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE TABLE a(id int PRIMARY KEY, b int); CREATE TABLE b(id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
-- case key_to_itself
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE TABLE a(id int PRIMARY KEY, up int REFERENCES a);
-- case index_to_constraint
CREATE TABLE s(a int); CREATE UNIQUE INDEX u ON s(a);
-- to
CREATE TABLE s(a int, CONSTRAINT u UNIQUE (a));
-- case index_to_constraint_under_a_key
CREATE TABLE s(a int, CONSTRAINT u UNIQUE (a)); CREATE TABLE t(a int REFERENCES s(a));
-- to
CREATE TABLE s(a int); CREATE UNIQUE INDEX u ON s(a); CREATE TABLE t(a int REFERENCES s(a));
-- case name_of_an_index_moves
CREATE TABLE s(a int); CREATE TABLE t(a int); CREATE INDEX i ON s(a);
-- to
CREATE TABLE s(a int); CREATE TABLE t(a int); CREATE INDEX i ON t(a);
-- case name_of_a_table_for_an_index
CREATE TABLE s(a int); CREATE TABLE i(a int);
-- to
CREATE TABLE s(a int); CREATE INDEX i ON s(a);
-- case primary_key_added
CREATE TABLE s(id int);
-- to
CREATE TABLE s(id int PRIMARY KEY);
-- case primary_key_of_other_columns_under_a_key
CREATE TABLE s(a int PRIMARY KEY, b int NOT NULL UNIQUE); CREATE TABLE t(a int REFERENCES s);
-- to
CREATE TABLE s(a int NOT NULL, b int PRIMARY KEY); CREATE TABLE t(a int REFERENCES s);
-- case group_by_primary_key
CREATE TABLE s(id int PRIMARY KEY, n text); CREATE VIEW v AS SELECT id, n, count(*) FROM s GROUP BY id;
-- to
CREATE TABLE s(id int, n text, CONSTRAINT p PRIMARY KEY (id, n)); CREATE VIEW v AS SELECT id, n, count(*) FROM s GROUP BY id, n;
-- case dropped_column_with_key_and_index
CREATE TABLE k(id int PRIMARY KEY); CREATE TABLE s(b int, id int REFERENCES k, UNIQUE (id, b), CHECK (id > b)); CREATE INDEX i ON s(id, b); CREATE STATISTICS x ON id, b FROM s;
-- to
CREATE TABLE k(id int); CREATE TABLE s(b int);
-- case tables_dropped_with_their_keys
CREATE TABLE a(id int PRIMARY KEY, b int); CREATE TABLE b(id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; CREATE VIEW v AS SELECT a.id FROM a JOIN b USING (id);
-- to
CREATE TABLE o(a int);
-- case exclusion
CREATE TABLE s(a int, r int4range);
-- to
CREATE TABLE s(a int, r int4range, EXCLUDE USING gist (r WITH &&));
-- case not_valid_becomes_valid
CREATE TABLE k(id int PRIMARY KEY); CREATE TABLE s(id int); ALTER TABLE s ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES k NOT VALID, ADD CONSTRAINT c CHECK (id > 0) NOT VALID;
-- to
CREATE TABLE k(id int PRIMARY KEY); CREATE TABLE s(id int); ALTER TABLE s ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES k, ADD CONSTRAINT c CHECK (id > 0);
-- case replica_identity_and_cluster
CREATE TABLE s(a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX i ON s(a); ALTER TABLE s REPLICA IDENTITY USING INDEX i; ALTER TABLE s CLUSTER ON i;
-- to
CREATE TABLE s(a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX i ON s(a, b); ALTER TABLE s REPLICA IDENTITY USING INDEX i; ALTER TABLE s CLUSTER ON i;
-- case replica_identity_full
CREATE TABLE s(a int PRIMARY KEY);
-- to
CREATE TABLE s(a int PRIMARY KEY); ALTER TABLE s REPLICA IDENTITY FULL; ALTER TABLE s CLUSTER ON s_pkey;
-- case index_collation
CREATE TABLE s(a text); CREATE INDEX si ON s(a);
-- to
CREATE TABLE s(a text); CREATE INDEX si ON s(a COLLATE "C");
-- case constraint_index_options
CREATE TABLE s(a int, CONSTRAINT u UNIQUE (a) WITH (fillfactor = 70)); COMMENT ON CONSTRAINT u ON s IS 'c'; COMMENT ON INDEX u IS 'i';
-- to
CREATE TABLE s(a int, CONSTRAINT u UNIQUE (a) DEFERRABLE);
-- case serial_tables_dropped_with_their_keys
CREATE TABLE a(id serial PRIMARY KEY, b int); CREATE TABLE b(id serial PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
-- to
CREATE TABLE o(a int);
