-- What a text names, or the server evaluates with it, and nobody whom we trust owns or keeps for himself.
--
-- `path` has the schemas in which names are looked for, the first of them that in which things are made. A row says how
-- somebody could have code run: by owning an object, or by a right that lets an owner's be changed.
WITH RECURSIVE
untrusted_role AS MATERIALIZED (
    SELECT r.oid, r.rolname
      FROM pg_roles AS r
     -- Of predefined roles the server keeps no dependencies.
     WHERE (r.oid < 16384
            OR r.oid IN (SELECT s.refobjid FROM pg_shdepend AS s
                          WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                            AND s.refclassid = 'pg_authid'::regclass))
       AND NOT {trusted}),
owned AS MATERIALIZED (
    SELECT s.classid, s.objid, r.rolname
      FROM pg_shdepend AS s
      JOIN untrusted_role AS r ON r.oid = s.refobjid
     WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
       AND s.refclassid = 'pg_authid'::regclass
       AND s.deptype = 'o'
     UNION ALL
    SELECT o.classid, o.objid, r.rolname
      FROM (SELECT 'pg_namespace'::regclass::oid, n.oid, n.nspowner FROM pg_namespace AS n
             UNION ALL
            SELECT 'pg_class'::regclass, c.oid, c.relowner FROM pg_class AS c WHERE c.relkind NOT IN ('i', 'I', 't')
             UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, p.proowner FROM pg_proc AS p
             UNION ALL
            SELECT 'pg_type'::regclass, t.oid, t.typowner FROM pg_type AS t
             UNION ALL
            SELECT 'pg_operator'::regclass, q.oid, q.oprowner FROM pg_operator AS q) AS o (classid, objid, owner)
      JOIN untrusted_role AS r ON r.oid = o.owner
     WHERE o.owner < 16384 AND o.objid >= 16384),
-- Everybody's rights are nobody's dependency.
given AS MATERIALIZED (
    SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid, a.grantee
      FROM pg_class AS c, aclexplode(c.relacl) AS a
     WHERE c.relacl IS NOT NULL AND a.privilege_type = 'TRIGGER' AND {facts}
     UNION ALL
    SELECT 'pg_namespace'::regclass::oid, n.oid, a.grantee
      FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
     WHERE n.nspacl IS NOT NULL AND a.privilege_type = 'CREATE' AND a.grantee <> 0),
-- A group that nobody can log in as and whose members are all trusted is nobody else.
granted AS MATERIALIZED (
    SELECT g.classid, g.objid, coalesce(r.rolname, 'PUBLIC') AS rolname
      FROM given AS g
      LEFT JOIN untrusted_role AS r ON r.oid = g.grantee
     WHERE g.grantee = 0
        OR r.oid IS NOT NULL
       AND NOT (EXISTS (SELECT FROM pg_auth_members AS m WHERE m.roleid = r.oid)
                AND NOT EXISTS (SELECT FROM (SELECT r.oid, r.rolname, r.rolcanlogin FROM pg_roles AS r) AS r
                                 WHERE r.rolcanlogin AND pg_has_role(r.oid, g.grantee, 'MEMBER') AND NOT {trusted}))),
said AS MATERIALIZED (SELECT lower(({words})::text COLLATE "C") AS text),
word AS MATERIALIZED (
    SELECT DISTINCT w.word COLLATE "C" AS word
      FROM said AS s, regexp_split_to_table(s.text, E'[\\u0001-\\u0023\\u0025-\\u002f\\u003a-\\u0040\\u005b-\\u005e\\u0060\\u007b-\\u007f]+') AS w (word)),
-- What may stand between two tokens: white space and comments. These nest, which no expression follows: all from one's begin
-- to any end is taken for one, and more is looked at than is named.
gap AS MATERIALIZED (SELECT E'(\\s|--[^\\n\\r]*|/\\*.*\\*/)*' AS gap),
path AS MATERIALIZED (
    SELECT n.oid, n.nspname, p.place
      FROM unnest(current_setting('migrate.path')::name[]) WITH ORDINALITY AS p (name, place)
      JOIN pg_namespace AS n ON n.nspname = p.name
     WHERE NOT starts_with(n.nspname::text, 'pg_')),
object (classid, objid, namespace, name, whole) AS (
    SELECT 'pg_class'::regclass::oid, c.oid, c.relnamespace, c.relname, c.relkind IN ('r', 'p', 'f')
      FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.oid >= 16384
     UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, p.pronamespace, p.proname, false FROM pg_proc AS p WHERE p.oid >= 16384
     UNION ALL
    SELECT 'pg_type'::regclass, t.oid, t.typnamespace, t.typname, false
      FROM pg_type AS t WHERE t.oid >= 16384 AND t.typtype <> 'p' AND t.typelem = 0
       AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
     UNION ALL
    SELECT 'pg_operator'::regclass, o.oid, o.oprnamespace, o.oprname, false FROM pg_operator AS o WHERE o.oid >= 16384),
named AS MATERIALIZED (
    SELECT o.classid, o.objid, o.namespace, o.whole
      FROM object AS o
      JOIN pg_namespace AS n ON n.oid = o.namespace
     CROSS JOIN said AS s
     CROSS JOIN gap AS g
     CROSS JOIN LATERAL (SELECT lower(o.name::text COLLATE "C") AS name, lower(n.nspname::text COLLATE "C") AS schema) AS l
     WHERE CASE WHEN o.classid = 'pg_operator'::regclass THEN strpos(s.text, l.name) > 0 OR {facts}
                WHEN l.name ~ '^[a-z0-9_$]+$' THEN
                    l.name IN (SELECT w.word FROM word AS w)
                    -- What facts derive from a table's name: types, generators, sequences.
                    OR {facts} AND NOT o.whole AND l.name ~ '_(enum|pk|seq)$'
                       AND EXISTS (SELECT FROM word AS w WHERE w.word <> '' AND starts_with(l.name, w.word || '_'))
                ELSE strpos(s.text, l.name) > 0 END
       AND (o.namespace IN (SELECT p.oid FROM path AS p)
            -- A text that sets the path: each schema that it names counts as one of the path, and that of our name.
            OR 'search_path' IN (SELECT w.word FROM word AS w)
               AND (l.schema IN (SELECT w.word FROM word AS w) OR n.nspname IN (current_user, session_user))
            OR l.schema ~ '^[a-z0-9_$]+$' AND l.schema IN (SELECT w.word FROM word AS w)
               AND s.text ~ ('(^|[^a-z0-9_$])' || replace(l.schema, '$', E'\\$') || E'"?' || g.gap || E'\\.' || g.gap || '"?' || regexp_replace(l.name, '([^a-z0-9_])', E'\\\\\\1', 'g'))
            OR l.schema !~ '^[a-z0-9_$]+$' AND strpos(s.text, l.schema) > 0)),
-- What is named, and what the server evaluates with it: what it depends on, and of a table what hangs on it. Of one that is
-- only read that is little.
reached (classid, objid, whole) AS (
    SELECT b.classid, b.objid, b.whole
      FROM (SELECT n.classid, n.objid, n.whole FROM named AS n
             UNION ALL
            SELECT 'pg_namespace'::regclass, n.namespace, true FROM named AS n
             UNION ALL
            SELECT 'pg_namespace'::regclass, p.oid, true FROM path AS p WHERE p.place = (SELECT min(p.place) FROM path AS p)
             UNION ALL
            SELECT 'pg_namespace'::regclass, n.oid, true
              FROM pg_namespace AS n, said AS s, gap AS g
             WHERE n.nspname IN (SELECT w.word FROM word AS w) AND n.oid >= 16384
               AND s.text ~ (E'\\mschema' || g.gap || '(if' || g.gap || 'not' || g.gap || 'exists' || g.gap || ')?"?' || replace(n.nspname, '$', E'\\$') || '([^a-z0-9_$]|$)')
             UNION ALL
            SELECT 'pg_proc'::regclass, e.evtfoid, false FROM pg_event_trigger AS e WHERE e.evtenabled <> 'D') AS b (classid, objid, whole)
     WHERE EXISTS (SELECT FROM untrusted_role) OR EXISTS (SELECT FROM given AS g WHERE g.grantee = 0)
     UNION
    SELECT e.classid, e.objid, e.whole
      FROM reached AS r
     CROSS JOIN LATERAL (
        -- What it depends on. A rule's tables are written; what a foreign key points to is read.
        SELECT d.refclassid, d.refobjid,
               r.whole AND (d.classid = 'pg_rewrite'::regclass
                            OR d.classid = 'pg_constraint'::regclass AND d.deptype = 'a'
                            OR d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
          FROM pg_depend AS d
         WHERE d.classid = r.classid AND d.objid = r.objid AND d.deptype <> 'e' AND d.refobjid >= 16384
           AND d.refclassid <> 'pg_namespace'::regclass
         UNION ALL
        SELECT d.classid, d.objid, r.whole AND d.classid <> 'pg_policy'::regclass
          FROM pg_depend AS d
         WHERE d.refclassid = r.classid AND d.refobjid = r.objid AND d.deptype <> 'e'
           AND CASE WHEN d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass)
                    THEN r.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                    WHEN r.classid = 'pg_type'::regclass THEN
                        d.classid = 'pg_constraint'::regclass AND d.deptype = 'a'
                        OR d.classid = 'pg_transform'::regclass
                        OR d.classid = 'pg_cast'::regclass
                           AND EXISTS (SELECT FROM pg_cast AS c WHERE c.oid = d.objid AND least(c.castsource, c.casttarget) < 16384)
                    WHEN NOT r.whole OR r.classid <> 'pg_class'::regclass THEN false
                    WHEN d.classid = 'pg_constraint'::regclass THEN d.deptype IN ('a', 'i')
                        OR EXISTS (SELECT FROM pg_constraint AS k WHERE k.oid = d.objid AND k.confrelid = r.objid
                                      AND (k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r')))
                    ELSE d.classid IN ('pg_trigger'::regclass, 'pg_attrdef'::regclass, 'pg_class'::regclass,
                                       'pg_statistic_ext'::regclass) END) AS e (classid, objid, whole)),
found (what, classid, objid, rolname) AS (
    SELECT 'owns', o.classid, o.objid, o.rolname
      FROM owned AS o WHERE (o.classid, o.objid) IN (SELECT r.classid, r.objid FROM reached AS r)
     UNION ALL
    SELECT CASE g.classid WHEN 'pg_class'::regclass THEN 'TRIGGER' ELSE 'CREATE' END, g.classid, g.objid, g.rolname
      FROM granted AS g
     WHERE NOT EXISTS (SELECT FROM owned AS o WHERE (o.classid, o.objid, o.rolname) = (g.classid, g.objid, g.rolname))
       AND ((g.classid, g.objid) IN (SELECT r.classid, r.objid FROM reached AS r WHERE r.whole)
        OR g.classid = 'pg_namespace'::regclass AND g.objid IN (SELECT n.namespace FROM named AS n WHERE n.whole)))
SELECT f.what, i.type, i.identity, f.rolname
  FROM found AS f, pg_identify_object(f.classid, f.objid, 0) AS i
 ORDER BY f.what <> 'owns', f.classid <> 'pg_namespace'::regclass, (f.classid, f.objid) NOT IN (SELECT n.classid, n.objid FROM named AS n), i.identity
 LIMIT 20
