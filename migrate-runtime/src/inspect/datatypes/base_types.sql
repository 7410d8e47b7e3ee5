SELECT {key t.oid}, n.nspname, t.typname, pg_catalog.pg_get_userbyid(t.typowner), {grants T t.typacl t.typowner}, t.typisdefined,
       'INPUT = ' || t.typinput, 'OUTPUT = ' || t.typoutput,
       'RECEIVE = ' || NULLIF(t.typreceive::pg_catalog.oid, 0)::pg_catalog.regproc,
       'SEND = ' || NULLIF(t.typsend::pg_catalog.oid, 0)::pg_catalog.regproc,
       'TYPMOD_IN = ' || NULLIF(t.typmodin::pg_catalog.oid, 0)::pg_catalog.regproc,
       'TYPMOD_OUT = ' || NULLIF(t.typmodout::pg_catalog.oid, 0)::pg_catalog.regproc,
       'ANALYZE = ' || NULLIF(t.typanalyze::pg_catalog.oid, 0)::pg_catalog.regproc,
       'SUBSCRIPT = ' || NULLIF(t.typsubscript::pg_catalog.oid, 0)::pg_catalog.regproc,
       'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::pg_catalog.text END,
       CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
       'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' ELSE 'int4' END,
       'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
       'CATEGORY = ' || CASE WHEN t.typcategory <> 'U' THEN pg_catalog.quote_literal(t.typcategory::pg_catalog.text) END,
       CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
       'DEFAULT = ' || COALESCE(pg_catalog.pg_get_expr(t.typdefaultbin, 0), pg_catalog.quote_literal(t.typdefault)),
       'ELEMENT = ' || CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END,
       'DELIMITER = ' || CASE WHEN t.typdelim <> ',' THEN pg_catalog.quote_literal(t.typdelim::pg_catalog.text) END,
       CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_type AS e ON e.typarray = t.oid
 WHERE t.oid >= 16384 AND (t.typtype = 'b' OR t.typtype = 'p' AND NOT t.typisdefined) AND e.oid IS NULL AND {ours} AND {loose pg_type t.oid}
