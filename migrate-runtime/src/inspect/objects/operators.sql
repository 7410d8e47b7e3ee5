SELECT {key o.oid}, 'pg_operator', i.type, i.identity, pg_catalog.pg_get_userbyid(o.oprowner),
       ARRAY[pg_catalog.format('CREATE OPERATOR %I.%s (%s)', n.nspname, o.oprname, pg_catalog.concat_ws(', ',
           'FUNCTION = ' || o.oprcode,
           'LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END,
           'RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END,
           'COMMUTATOR = ' || {operator o.oprcom}, 'NEGATOR = ' || {operator o.oprnegate},
           CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END,
           'RESTRICT = ' || NULLIF(o.oprrest::pg_catalog.oid, 0)::pg_catalog.regproc,
           'JOIN = ' || NULLIF(o.oprjoin::pg_catalog.oid, 0)::pg_catalog.regproc))]
  FROM pg_catalog.pg_operator AS o
  JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, 0) AS i
 -- One without a function was only named by another, as its commutator or negator, which will name it again.
 WHERE o.oid >= 16384 AND o.oprcode::pg_catalog.oid <> 0 AND {ours} AND {loose pg_operator o.oid}
