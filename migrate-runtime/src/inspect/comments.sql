SELECT m.classoid::pg_catalog.regclass, m.objoid, m.objsubid, m.description
  FROM pg_catalog.pg_description AS m
 WHERE m.objoid >= 16384 OR m.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
