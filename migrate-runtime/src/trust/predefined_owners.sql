
       UNION ALL
      SELECT o.owner
        FROM (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT p.proowner FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT t.typowner FROM pg_catalog.pg_type AS t WHERE t.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT q.oprowner FROM pg_catalog.pg_operator AS q WHERE q.oid OPERATOR(pg_catalog.>=) 16384) AS o (owner)
       WHERE o.owner OPERATOR(pg_catalog.<) 16384
