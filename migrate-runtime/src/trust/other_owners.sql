FROM (SELECT s.refobjid
        FROM pg_catalog.pg_shdepend AS s
       WHERE s.dbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
         AND s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass{kind}
       UNION ALL
      -- Of predefined roles, such as pg_monitor, the server keeps no dependencies.
      SELECT n.nspowner FROM pg_catalog.pg_namespace AS n
       UNION ALL
      SELECT a.grantee
        FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
       WHERE n.nspacl IS NOT NULL AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'{predefined}) AS s (role)
       -- Everybody, the server's own superuser, the owner of the database as a role and as whoever it is, and we.
 WHERE s.role OPERATOR(pg_catalog.<>) ALL (ARRAY[0, 10, 6171,
                                                (SELECT d.datdba FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()),
                                                pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)),
                                                pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))]::pg_catalog.oid[])
