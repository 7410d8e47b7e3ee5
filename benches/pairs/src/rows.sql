-- The value n of a type fits the value n of another, so that links find what they refer to. Tables are tried three times, since
-- others may have to be filled before.
DO $rows$
DECLARE
    relation record;
    names    text;
    vals     text;
    filled   boolean;
BEGIN
    FOR pass IN 1..3 LOOP
        FOR relation IN
            SELECT c.oid, c.oid::pg_catalog.regclass AS name
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND s.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                  AND d.objid = c.oid AND d.deptype = 'e')
             ORDER BY c.oid
        LOOP
            BEGIN
                EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM ONLY %s)', relation.name) INTO filled;
            EXCEPTION WHEN OTHERS THEN
                filled := true;
            END;
            CONTINUE WHEN filled;
            FOR n IN 1..2 LOOP
                SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', '),
                       pg_catalog.string_agg(CASE
                           WHEN b.typtype = 'e' THEN (SELECT pg_catalog.quote_literal(e.enumlabel) FROM pg_catalog.pg_enum e
                                                       WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder LIMIT 1)
                           WHEN b.typtype = 'c' THEN 'NULL'
                           WHEN b.typname = 'uuid' THEN pg_catalog.format('''00000000-0000-0000-0000-00000000000%s''', n)
                           WHEN b.typname IN ('json', 'jsonb') THEN '''{}'''
                           WHEN b.typname = 'bytea' THEN pg_catalog.format('''\x0%s''', n)
                           WHEN b.typname = 'timetz' OR b.typname = 'time' THEN pg_catalog.format('''0%s:00''', n)
                           WHEN b.typcategory IN ('N', 'S', 'Z') THEN pg_catalog.format('''%s''', n)
                           WHEN b.typcategory = 'B' THEN '''true'''
                           WHEN b.typcategory = 'D' THEN pg_catalog.format('''2024-01-0%s''', n)
                           WHEN b.typcategory = 'T' THEN pg_catalog.format('''%s hours''', n)
                           WHEN b.typcategory = 'I' THEN pg_catalog.format('''10.0.0.%s''', n)
                           WHEN b.typcategory = 'A' THEN '''{}'''
                           WHEN b.typcategory = 'R' THEN '''empty'''
                           WHEN b.typcategory = 'V' THEN pg_catalog.format('B''%s''::bit(%s)', n - 1, CASE WHEN a.atttypmod > 1 THEN a.atttypmod ELSE 1 END)
                           WHEN b.typname IN ('point', 'box', 'lseg', 'path', 'polygon', 'circle') THEN 'NULL'
                           WHEN b.typname IN ('tsvector', 'citext', 'ltree', 'hstore', 'name') THEN pg_catalog.format('''%s''', CASE b.typname WHEN 'hstore' THEN 'k=>1' ELSE n::text END)
                           ELSE 'NULL'
                       END, ', ')
                  INTO names, vals
                  FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                  JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
                 WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attgenerated = '' AND a.attidentity = ''
                   AND (n = 1 OR a.attnotnull)
                   AND NOT (a.atthasdef AND EXISTS (SELECT FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum
                            AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ 'nextval'));
                BEGIN
                    IF names IS NULL THEN
                        EXECUTE pg_catalog.format('INSERT INTO %s DEFAULT VALUES', relation.name);
                    ELSE
                        EXECUTE pg_catalog.format('INSERT INTO %s (%s) VALUES (%s)', relation.name, names, vals);
                    END IF;
                EXCEPTION WHEN OTHERS THEN
                    NULL;
                END;
            END LOOP;
        END LOOP;
    END LOOP;
END
$rows$;
