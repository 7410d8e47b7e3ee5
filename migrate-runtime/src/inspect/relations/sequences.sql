SELECT {key c.oid}, {table d.refobjid}, {place d.refobjsubid d.refobjid},
       d.deptype = 'i', n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.format_type(s.seqtypid, NULL),
       s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       c.relpersistence = 'u', {grants s c.relacl c.relowner}
  FROM pg_catalog.pg_sequence AS s
  JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend AS d
    ON d.objid = c.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
 WHERE c.oid >= 16384 AND {ours} AND {loose pg_class c.oid}
