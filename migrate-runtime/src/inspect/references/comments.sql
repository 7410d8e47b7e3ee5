SELECT m.classoid::pg_catalog.regclass, {object m.classoid m.objoid}, {place m.objsubid m.objoid}, m.description
  FROM pg_catalog.pg_description AS m
 WHERE (m.objoid >= 16384 OR m.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass) {commented m.classoid m.objoid}
