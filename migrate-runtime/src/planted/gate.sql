FROM pg_catalog.pg_shdepend AS s
 WHERE s.dbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
   AND s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
   AND s.refobjid OPERATOR(pg_catalog.<>) ALL (ARRAY[pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)),
                                                     pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))]::pg_catalog.oid[])
