WITH members AS MATERIALIZED (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend AS d
     WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
), held AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, 0 AS sub, c.relnamespace AS namespace, c.relacl AS acl, c.relowner AS owner,
           CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS kind
      FROM pg_catalog.pg_class AS c WHERE c.relacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, a.attnum, c.relnamespace, a.attacl, c.relowner, 'c'
      FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 0, p.pronamespace, p.proacl, p.proowner, 'f' FROM pg_catalog.pg_proc AS p WHERE p.proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0, t.typnamespace, t.typacl, t.typowner, 'T' FROM pg_catalog.pg_type AS t WHERE t.typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, 0, n.oid, n.nspacl, n.nspowner, 'n' FROM pg_catalog.pg_namespace AS n WHERE n.nspacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, l.oid, 0, 11, l.lanacl, l.lanowner, 'l' FROM pg_catalog.pg_language AS l WHERE l.lanacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, w.oid, 0, 11, w.fdwacl, w.fdwowner, 'F' FROM pg_catalog.pg_foreign_data_wrapper AS w WHERE w.fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, 0, 11, s.srvacl, s.srvowner, 'S' FROM pg_catalog.pg_foreign_server AS s WHERE s.srvacl IS NOT NULL
)
SELECT CASE h.kind WHEN 'f' THEN (SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || p.oid::pg_catalog.regprocedure FROM pg_catalog.pg_proc AS p WHERE p.oid = h.oid)
            WHEN 's' THEN 'SEQUENCE ' || h.oid::pg_catalog.regclass WHEN 'T' THEN 'TYPE ' || pg_catalog.format_type(h.oid, NULL)
            WHEN 'n' THEN 'SCHEMA ' || (SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace AS n WHERE n.oid = h.oid)
            WHEN 'l' THEN 'LANGUAGE ' || (SELECT pg_catalog.quote_ident(l.lanname) FROM pg_catalog.pg_language AS l WHERE l.oid = h.oid)
            WHEN 'F' THEN 'FOREIGN DATA WRAPPER ' || (SELECT pg_catalog.quote_ident(w.fdwname) FROM pg_catalog.pg_foreign_data_wrapper AS w WHERE w.oid = h.oid)
            WHEN 'S' THEN 'FOREIGN SERVER ' || (SELECT pg_catalog.quote_ident(s.srvname) FROM pg_catalog.pg_foreign_server AS s WHERE s.oid = h.oid)
            ELSE 'TABLE ' || h.oid::pg_catalog.regclass END,
       (SELECT a.attname FROM pg_catalog.pg_attribute AS a WHERE h.sub <> 0 AND a.attrelid = h.oid AND a.attnum = h.sub),
       pg_catalog.pg_get_userbyid(h.owner), {options COALESCE(i.initprivs,pg_catalog.acldefault(h.kind::pg_catalog."char",h.owner))}, {options h.acl}
  FROM held AS h
  LEFT JOIN pg_catalog.pg_init_privs AS i ON i.classoid = h.class AND i.objoid = h.oid AND i.objsubid = h.sub
 WHERE h.acl IS DISTINCT FROM i.initprivs
   -- The server's own objects, and those of extensions: all others have their privileges with them.
   AND (h.oid < 16384 AND h.namespace = 11 OR (h.class, h.oid) IN (SELECT m.classid, m.objid FROM members AS m))
