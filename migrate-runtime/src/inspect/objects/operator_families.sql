SELECT {key f.oid}, 'pg_opfamily', i.type, i.identity, pg_catalog.pg_get_userbyid(f.opfowner),
       ARRAY['CREATE OPERATOR FAMILY ' || i.identity, 'ALTER OPERATOR FAMILY ' || i.identity || ' ADD ' || m.items], {key m.numbers}
  FROM pg_catalog.pg_opfamily AS f
  JOIN pg_catalog.pg_namespace AS n ON n.oid = f.opfnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_opfamily'::pg_catalog.regclass, f.oid, 0) AS i
 CROSS JOIN LATERAL (SELECT {items pg_opfamily f.oid}) AS m (items, numbers)
 WHERE f.oid >= 16384 AND {ours} AND {loose pg_opfamily f.oid}
