SELECT {key c.oid}, 'pg_opclass', i.type, i.identity, pg_catalog.pg_get_userbyid(c.opcowner),
       ARRAY[pg_catalog.format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS %s', n.nspname, c.opcname,
           CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END, pg_catalog.format_type(c.opcintype, NULL), a.amname, fn.nspname, f.opfname,
           COALESCE(NULLIF(pg_catalog.concat_ws(', ', 'STORAGE ' || CASE WHEN c.opckeytype <> 0 THEN pg_catalog.format_type(c.opckeytype, NULL) END, m.items), ''),
               'STORAGE ' || pg_catalog.format_type(c.opcintype, NULL)))], {key m.numbers}
  FROM pg_catalog.pg_opclass AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.opcnamespace
  JOIN pg_catalog.pg_am AS a ON a.oid = c.opcmethod
  JOIN pg_catalog.pg_opfamily AS f ON f.oid = c.opcfamily
  JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.opfnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_opclass'::pg_catalog.regclass, c.oid, 0) AS i
 CROSS JOIN LATERAL (SELECT {items pg_opclass c.oid}) AS m (items, numbers)
 WHERE c.oid >= 16384 AND {ours} AND {loose pg_opclass c.oid}
