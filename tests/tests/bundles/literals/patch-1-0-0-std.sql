-- What only looks like psql, COPY, COMMIT or the end of a statement.
SELECT '\i other.sql
\set a b
COMMIT;', E'it\'s; \\gexec', U&"\0441\043B\043E\043D", U&'\0441' UESCAPE '!', B'101', X'1F', N'a'
     , 'one'
       ' two;', "a;b", $$ \copy a FROM STDIN; $$, $größe$ $$ ; $größe$, a$b, $1;
/* outer /* inner; */ \q ; COMMIT; */
CREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
CREATE FUNCTION two() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  EXECUTE $q$ COMMIT; $q$;
  RETURN new;
END $body$;
DO $$ BEGIN PERFORM 1; /* COMMIT; */ END $$;
DO LANGUAGE plpgsql 'BEGIN NULL; END';
CREATE RULE r AS ON INSERT TO study DO ALSO (SELECT 1; SELECT 2);
SAVEPOINT a;
ROLLBACK TO SAVEPOINT a;
RELEASE a;
INSERT INTO study VALUES (1) ON CONFLICT DO NOTHING;
SELECT a[1:2], b::text, 5@-3 FROM t;
