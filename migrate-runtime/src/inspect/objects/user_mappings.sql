SELECT {key m.umid}, 'pg_user_mapping', 'user mapping', pg_catalog.format('FOR %s SERVER %I', m.role, m.srvname), NULL,
       ARRAY[pg_catalog.format('CREATE USER MAPPING FOR %s SERVER %I', m.role, m.srvname)
           || COALESCE(' OPTIONS (' || (SELECT pg_catalog.string_agg(pg_catalog.format('%I %L', o.option_name, o.option_value), ', ' ORDER BY o.option_name COLLATE "C")
                                          FROM pg_catalog.pg_options_to_table(m.umoptions) AS o WHERE o.option_name !~* m.secret) || ')', '')],
       NULL, NULL, NULL, 'access',
       CASE WHEN m.umoptions IS NULL AND NOT m.seen THEN ARRAY['options']
            ELSE ARRAY(SELECT 'option ' || pg_catalog.quote_ident(o.option_name) FROM pg_catalog.pg_options_to_table(m.umoptions) AS o WHERE o.option_name ~* m.secret ORDER BY 1) END
  FROM (SELECT m.umid, m.srvname, m.umoptions, CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(m.usename) END AS role,
               'pass|secret|token|credential' AS secret,
               (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER)
                   OR CASE WHEN m.umuser = 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                           ELSE m.usename = CURRENT_USER AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(s.oid, 'USAGE')) END AS seen
          FROM pg_catalog.pg_user_mappings AS m JOIN pg_catalog.pg_foreign_server AS s ON s.oid = m.srvid) AS m
