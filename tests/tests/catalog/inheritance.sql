-- case a child takes a default that calls a function
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'select 1';
CREATE TABLE public.par (a int DEFAULT public.f());
CREATE TABLE public.s () INHERITS (public.par);
-- case a child has another default, or none, than its parent's function
CREATE FUNCTION public.z() RETURNS int LANGUAGE sql AS 'select 1';
CREATE TABLE public.par (a int DEFAULT public.z(), b int DEFAULT public.z(), c int DEFAULT 3);
CREATE TABLE public.a_child () INHERITS (public.par);
ALTER TABLE public.a_child ALTER a DROP DEFAULT, ALTER b SET DEFAULT 7, ALTER c SET DEFAULT public.z();
CREATE TABLE public.b_grandchild () INHERITS (public.a_child);
ALTER TABLE public.b_grandchild ALTER c DROP DEFAULT;
-- case a child repeats a generated column
CREATE TABLE public.g (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE public.h (b int) INHERITS (public.g);
CREATE TABLE public.i () INHERITS (public.g);
-- case a generated column calls a function in parent and partition
CREATE FUNCTION public.f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';
CREATE TABLE public.g (a int, b int GENERATED ALWAYS AS (public.f(a)) STORED) PARTITION BY LIST (a);
CREATE TABLE public.g1 PARTITION OF public.g FOR VALUES IN (1);
CREATE TABLE public.g2 (b int GENERATED ALWAYS AS (public.f(a)) STORED, a int);
ALTER TABLE public.g ATTACH PARTITION public.g2 FOR VALUES IN (2);
-- case a partition takes a default that calls a function
CREATE FUNCTION public.token() RETURNS int LANGUAGE sql AS 'select 1';
CREATE TABLE public.visit (k int, token int DEFAULT public.token()) PARTITION BY LIST (k);
CREATE TABLE public.visit_1 PARTITION OF public.visit FOR VALUES IN (1);
CREATE TABLE public.visit_2 PARTITION OF public.visit FOR VALUES IN (2) PARTITION BY LIST (k);
CREATE TABLE public.visit_2_a PARTITION OF public.visit_2 FOR VALUES IN (2);
ALTER TABLE public.visit_2_a ALTER token SET DEFAULT 4;
-- case a partition has not null, storage, statistics of its own
CREATE TABLE public.q (k int, t text) PARTITION BY LIST (k);
CREATE TABLE public.q1 PARTITION OF public.q FOR VALUES IN (1);
ALTER TABLE public.q1 ALTER t SET NOT NULL, ALTER t SET STORAGE EXTERNAL, ALTER k SET STATISTICS 7;
-- case a check of a partitioned table is not valid, and valid in a partition
CREATE TABLE public.p (k int) PARTITION BY LIST (k);
ALTER TABLE public.p ADD CONSTRAINT ck CHECK (k > 0) NOT VALID;
CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1);
-- case a check of a parent is not valid, and valid in one child
CREATE TABLE public.p (k int);
CREATE TABLE public.c1 () INHERITS (public.p);
CREATE TABLE public.c2 () INHERITS (public.c1);
ALTER TABLE public.p ADD CONSTRAINT ck CHECK (k > 0) NOT VALID;
ALTER TABLE public.c2 VALIDATE CONSTRAINT ck;
-- case checks that call functions reach children and partitions
CREATE FUNCTION public.ok(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'select true';
CREATE TABLE public.par (a int CHECK (public.ok(a)), CONSTRAINT own CHECK (public.ok(a)) NO INHERIT);
CREATE TABLE public.chi (CONSTRAINT more CHECK (public.ok(a))) INHERITS (public.par);
CREATE TABLE public.p (k int CONSTRAINT kk CHECK (public.ok(k))) PARTITION BY LIST (k);
CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1);
CREATE TABLE public.p2 (x int, k int CONSTRAINT kk CHECK (public.ok(k)));
ALTER TABLE public.p2 DROP x;
ALTER TABLE public.p ATTACH PARTITION public.p2 FOR VALUES IN (2);
-- case a key of a partition is not valid beside its parent's
CREATE TABLE public.o (k int PRIMARY KEY);
CREATE TABLE public.p (k int) PARTITION BY LIST (k);
CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1);
ALTER TABLE public.p1 ADD CONSTRAINT fk FOREIGN KEY (k) REFERENCES public.o NOT VALID;
ALTER TABLE public.p ADD CONSTRAINT fk FOREIGN KEY (k) REFERENCES public.o;
-- case a key of a partition has another name than its parent's
CREATE TABLE public.o (k int PRIMARY KEY);
CREATE TABLE public.p (k int) PARTITION BY LIST (k);
CREATE TABLE public.a1 PARTITION OF public.p FOR VALUES IN (1);
CREATE TABLE public.z1 PARTITION OF public.p FOR VALUES IN (2);
ALTER TABLE public.z1 ADD CONSTRAINT mine FOREIGN KEY (k) REFERENCES public.o;
ALTER TABLE public.p ADD CONSTRAINT fk FOREIGN KEY (k) REFERENCES public.o;
-- case a foreign table is a partition
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER sv FOREIGN DATA WRAPPER w;
CREATE TABLE public.p (k int, t text) PARTITION BY LIST (k);
CREATE FOREIGN TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1) SERVER sv;
CREATE FOREIGN TABLE public.p2 (t text, k int NOT NULL) SERVER sv OPTIONS (x 'y');
ALTER TABLE public.p ATTACH PARTITION public.p2 FOR VALUES IN (2);
-- case a partition's columns have another order, and an index of its own
CREATE TABLE public.p (k int, t text) PARTITION BY LIST (k);
CREATE TABLE public.p1 (t text, k int, CHECK (k > 0));
CREATE UNIQUE INDEX own ON public.p1 (k);
ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES IN (1);
ALTER TABLE public.p ADD CONSTRAINT pk PRIMARY KEY (k);
-- case two parents
CREATE TABLE public.a (x int DEFAULT 1, CHECK (x > 0));
CREATE TABLE public.b (x int DEFAULT 2, y text);
CREATE TABLE public.c (x int DEFAULT 3, z text) INHERITS (public.b, public.a);
