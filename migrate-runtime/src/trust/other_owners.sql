FROM (SELECT s.refobjid
        FROM pg_catalog.pg_shdepend AS s
       WHERE s.dbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
         AND s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
         AND s.refobjid OPERATOR(pg_catalog.<>) ALL (ARRAY[pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)),
                                                           pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))]::pg_catalog.oid[])
       UNION ALL
      -- Of predefined roles, such as pg_monitor, the server keeps no dependencies; 10 is its own superuser, 6171 the database's owner.
      SELECT o.owner
        FROM (SELECT n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT p.proowner FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT t.typowner FROM pg_catalog.pg_type AS t WHERE t.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT q.oprowner FROM pg_catalog.pg_operator AS q WHERE q.oid OPERATOR(pg_catalog.>=) 16384
               UNION ALL
              SELECT a.grantee FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
               WHERE n.nspacl IS NOT NULL AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND a.grantee OPERATOR(pg_catalog.<>) 0) AS o (owner)
       WHERE o.owner OPERATOR(pg_catalog.<) 16384 AND o.owner OPERATOR(pg_catalog.<>) ALL (ARRAY[10, 6171]::pg_catalog.oid[])) AS s (refobjid)
