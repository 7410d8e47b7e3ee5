-- case check
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int CHECK (k > 0)) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- case column
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int, z int DEFAULT 4) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); ALTER TABLE p1 ALTER z SET DEFAULT 5;
-- case column_type
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE VIEW v AS SELECT z FROM p1; CREATE INDEX i ON p(z);
-- to
CREATE TABLE p(k int, z bigint) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE VIEW v AS SELECT z FROM p1; CREATE INDEX i ON p(z);
-- case fk
CREATE TABLE o(k int PRIMARY KEY);CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE o(k int PRIMARY KEY);CREATE TABLE p(k int REFERENCES o) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- case fk_to_partitioned
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o(k int);
-- to
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o(k int REFERENCES p);
-- case index
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(k);
-- case index_of_one_partition_attached
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX p1_k_idx ON p1(k);
-- to
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(k);
-- case index_changed
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(k);
-- to
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(k, z);
-- case not_null
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int, z int NOT NULL) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- case primary_key
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- case partition_added
CREATE TABLE o(k int PRIMARY KEY); CREATE TABLE p(k int PRIMARY KEY REFERENCES o, z int DEFAULT 3 CHECK (z > 0)) PARTITION BY LIST (k); CREATE INDEX pi ON p(z); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE o(k int PRIMARY KEY); CREATE TABLE p(k int PRIMARY KEY REFERENCES o, z int DEFAULT 3 CHECK (z > 0)) PARTITION BY LIST (k); CREATE INDEX pi ON p(z); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
-- case partition_detached
CREATE TABLE p(k int PRIMARY KEY, z int) PARTITION BY LIST (k); CREATE INDEX pi ON p(z); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int PRIMARY KEY, z int) PARTITION BY LIST (k); CREATE INDEX pi ON p(z); CREATE TABLE p1 (k int PRIMARY KEY, z int); CREATE INDEX p1_z_idx ON p1(z);
-- case bound_changed
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(k);
-- to
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 2); CREATE INDEX pi ON p(k);
-- case whole_new
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE TABLE p(k int PRIMARY KEY, z int) PARTITION BY RANGE (k); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5) PARTITION BY LIST (k); CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1); CREATE INDEX pi ON p(z); CREATE TABLE pd PARTITION OF p DEFAULT;
-- case table_becomes_partitioned
CREATE TABLE p(k int, z int); CREATE VIEW v AS SELECT k FROM p;
-- to
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE VIEW v AS SELECT k FROM p;
-- case partition_key_changed
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int, z int) PARTITION BY LIST (z); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- case trigger
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION t();
-- case foreign_partition
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w; CREATE TABLE t(a int);
-- to
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w; CREATE TABLE t(a int, b int); CREATE FOREIGN TABLE f(a int OPTIONS (x '1')) SERVER sv OPTIONS (y '2');
-- case children
CREATE TABLE p(a int, b int); CREATE TABLE c(x int) INHERITS (p);
-- to
CREATE TABLE p(a bigint NOT NULL, c int CHECK (c > 0)); CREATE TABLE c(x int) INHERITS (p);
-- case child_leaves
CREATE TABLE p(a int); CREATE TABLE c(x int) INHERITS (p);
-- to
CREATE TABLE p(a int); CREATE TABLE c(a int, x int);
-- case parent_dropped
CREATE TABLE p(a int); CREATE TABLE c(x int) INHERITS (p);
-- to
CREATE TABLE c(a int, x int);
-- case partition_under_a_key_dropped
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); CREATE TABLE o(k int REFERENCES p);
-- to
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o(k int REFERENCES p);
-- case key_to_a_partitioned_table_with_a_new_key
CREATE TABLE p(k int NOT NULL) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o(k int);
-- to
CREATE TABLE p(k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o(k int REFERENCES p);
-- case partition_with_checks_leaves
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE p(k int CONSTRAINT c CHECK (k > 0), z int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION t();
-- to
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TABLE p(k int CONSTRAINT c CHECK (k > 0), z int) PARTITION BY LIST (k); CREATE TABLE p1(k int, z int); CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION t();
-- case key_of_a_partition_on_an_index
CREATE TABLE p(k int NOT NULL) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int NOT NULL) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE UNIQUE INDEX i ON ONLY p(k); ALTER TABLE p1 ADD CONSTRAINT p1k PRIMARY KEY (k); ALTER INDEX i ATTACH PARTITION p1k;
-- case child_joins_with_checks
CREATE TABLE p(a int CONSTRAINT c CHECK (a > 0), b int); CREATE TABLE c(x int, a int CONSTRAINT c CHECK (a > 0), b int);
-- to
CREATE TABLE p(a int CONSTRAINT c CHECK (a > 0), b int); CREATE TABLE c(x int) INHERITS (p);
-- case whole_with_checks_and_mutual_keys
CREATE TABLE o(a int);
-- to
CREATE TABLE o(a int); CREATE TABLE p(k int, f serial, CHECK (f > 0)) PARTITION BY LIST (k); CREATE TABLE "A" PARTITION OF p (k NOT NULL) FOR VALUES IN (1); CREATE UNIQUE INDEX pu ON p(k); CREATE TABLE q(k int) PARTITION BY LIST (k); CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1); CREATE UNIQUE INDEX qu ON q(k); ALTER TABLE p ADD FOREIGN KEY (k) REFERENCES q(k); ALTER TABLE q ADD FOREIGN KEY (k) REFERENCES p(k);
-- case partition_added_under_an_index_with_a_local_key
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE UNIQUE INDEX i ON p(k);
-- to
CREATE TABLE p(k int, z int) PARTITION BY LIST (k); CREATE UNIQUE INDEX i ON p(k); CREATE TABLE p1 PARTITION OF p (PRIMARY KEY (k)) FOR VALUES IN (1);
-- case partition_with_a_key_leaves_a_dropped_table
CREATE TABLE o(k int PRIMARY KEY); CREATE TABLE p(k int REFERENCES o) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p1(k int);
-- case key_of_subpartitioned_retyped
create table t(a int, b int) partition by list(a); create table t1 partition of t for values in (1) partition by list(b); create table t11 partition of t1 for values in (1); create index tb on t(b);
-- to
create table t(a int, b bigint) partition by list(a); create table t1 partition of t for values in (1) partition by list(b); create table t11 partition of t1 for values in (1); create index tb on t(b);
-- case retyped_three_levels
create table t(a int, b int, c varchar(3)) partition by list(a); create table t1 partition of t for values in (1) partition by list(b); create table t11 partition of t1 for values in (1) partition by list (c); create table t111 partition of t11 default;
-- to
create table t(a int, b int, c text) partition by list(a); create table t1 partition of t for values in (1) partition by list(b); create table t11 partition of t1 for values in (1) partition by list (c); create table t111 partition of t11 default;
-- case kept_table_with_trigger
create table p(a int, b text) partition by range(a); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger tr after insert on p for each row execute function f(); create table q(a int, b text); create trigger tr after insert on q for each row execute function f();
-- to
create table p(a int, b text) partition by range(a); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger tr after insert on p for each row execute function f(); create table q(a int, b text); alter table p attach partition q for values from (0) to (1000000000);
-- case kept_table_with_index
create table p(a int, b text) partition by range(a); create index pi on p(b); create table q(a int, b text); create index qi on q(b);
-- to
create table p(a int, b text) partition by range(a); create index pi on p(b); create table q(a int, b text); create index qi on q(b); alter table p attach partition q for values from (-2000000000) to (2000000000);
-- case kept_table_with_equal_indexes
create table p(a int, b text) partition by range(a); create index pi on p(b); create table q(a int, b text); create index qi on q(b); create index qj on q(b);
-- to
create table p(a int, b text) partition by range(a); create index pi on p(b); create table q(a int, b text); create index qj on q(b); alter table p attach partition q for values from (-2000000000) to (2000000000); create index qi on q(b);
-- case kept_table_with_key
create table p(a int primary key, b text) partition by range(a); create table q(a int primary key, b text);
-- to
create table p(a int primary key, b text) partition by range(a); create table q(a int primary key, b text); alter table p attach partition q for values from (-2000000000) to (2000000000);
-- case partitions_with_keys_to_each_other
CREATE TABLE p(k int, b int, PRIMARY KEY (k, b)) PARTITION BY LIST (k); CREATE TABLE o(k int, b int, PRIMARY KEY (k, b)) PARTITION BY LIST (k); ALTER TABLE o ADD CONSTRAINT of FOREIGN KEY (k, b) REFERENCES p; ALTER TABLE p ADD CONSTRAINT pf FOREIGN KEY (k, b) REFERENCES o;
-- to
CREATE TABLE p(k int, b int, PRIMARY KEY (k, b)) PARTITION BY LIST (k); CREATE TABLE o(k int, b int, PRIMARY KEY (k, b)) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE o1 PARTITION OF o FOR VALUES IN (1); ALTER TABLE o ADD CONSTRAINT of FOREIGN KEY (k, b) REFERENCES p; ALTER TABLE p ADD CONSTRAINT pf FOREIGN KEY (k, b) REFERENCES o; ALTER TABLE o1 ADD CONSTRAINT o1f FOREIGN KEY (k, b) REFERENCES p1; ALTER TABLE p1 ADD CONSTRAINT p1f FOREIGN KEY (k, b) REFERENCES o1;
-- case partitions_with_own_keys_that_indexes_took
CREATE TABLE x(a int);
-- to
CREATE TABLE x(a int); CREATE TABLE p(k int, b int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p (PRIMARY KEY (k, b)) FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p (PRIMARY KEY (k, b)) FOR VALUES IN (2); CREATE UNIQUE INDEX pu ON p(k, b); CREATE UNIQUE INDEX p2l ON p2(k); CREATE TABLE o(k int, b int) PARTITION BY LIST (k); CREATE TABLE o1 PARTITION OF o FOR VALUES IN (1); CREATE UNIQUE INDEX ou ON o(k, b); CREATE UNIQUE INDEX o1l ON o1(k); ALTER TABLE o ADD CONSTRAINT of FOREIGN KEY (k, b) REFERENCES p(k, b); ALTER TABLE p ADD CONSTRAINT pf FOREIGN KEY (k, b) REFERENCES o(k, b); ALTER TABLE o1 ADD CONSTRAINT o1f FOREIGN KEY (k) REFERENCES p2(k); ALTER TABLE p1 ADD CONSTRAINT p1f FOREIGN KEY (k) REFERENCES o1(k);
-- case detached_partition_whose_index_name_is_taken
CREATE TABLE p(k int, b int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX pi ON p(b);
-- to
CREATE TABLE p(k int, b int); CREATE TABLE p1(k int, b int); CREATE INDEX p1_b_idx ON p(b);
-- case enum_of_a_partition_key
CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE p(k int, s e) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (s); CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN ('a'); CREATE TABLE q(s e) PARTITION BY LIST (s);
-- to
CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE p(k int, s e) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (s); CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN ('a'); CREATE TABLE q(s e) PARTITION BY LIST (s);
-- case check_not_valid_above_only
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- to
CREATE TABLE p(k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); ALTER TABLE p ADD CONSTRAINT c CHECK (k > 0) NOT VALID; ALTER TABLE p1 VALIDATE CONSTRAINT c;
