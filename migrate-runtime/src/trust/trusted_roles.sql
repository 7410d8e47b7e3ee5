EXISTS (
    SELECT FROM pg_catalog.pg_roles AS t
     WHERE (t.rolsuper
            OR t.rolname OPERATOR(pg_catalog.=) ANY (ARRAY[current_user, session_user, 'pg_database_owner'{named}]::pg_catalog.name[])
            OR t.oid OPERATOR(pg_catalog.=) (SELECT d.datdba FROM pg_catalog.pg_database AS d
                                              WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()))
       AND (t.oid OPERATOR(pg_catalog.=) {role}
            OR pg_catalog.pg_has_role({role}, t.oid,
                   CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.<) 160000
                        THEN 'MEMBER' ELSE 'SET, USAGE' END)))