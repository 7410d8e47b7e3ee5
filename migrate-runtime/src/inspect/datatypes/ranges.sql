SELECT {type r.rngtypid},
       pg_catalog.format_type(r.rngsubtype, NULL),
       CASE WHEN NOT o.opcdefault THEN pg_catalog.quote_ident(opn.nspname) || '.' || pg_catalog.quote_ident(o.opcname) END,
       CASE WHEN r.rngcollation <> t.typcollation THEN {collation r.rngcollation} END,
       NULLIF(r.rngcanonical::pg_catalog.oid, 0)::pg_catalog.regproc, NULLIF(r.rngsubdiff::pg_catalog.oid, 0)::pg_catalog.regproc,
       pg_catalog.format_type(r.rngmultitypid, NULL)
  FROM pg_catalog.pg_range AS r
  JOIN pg_catalog.pg_type AS t ON t.oid = r.rngsubtype
  JOIN pg_catalog.pg_opclass AS o ON o.oid = r.rngsubopc
  JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.opcnamespace
  JOIN pg_catalog.pg_type AS own ON own.oid = r.rngtypid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = own.typnamespace
 WHERE r.rngtypid >= 16384 AND {ours} AND {loose pg_type r.rngtypid}
