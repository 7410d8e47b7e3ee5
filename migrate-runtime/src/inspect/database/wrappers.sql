SELECT {key w.oid}, w.fdwname, pg_catalog.pg_get_userbyid(w.fdwowner),
       NULLIF(w.fdwhandler, 0)::pg_catalog.regproc, NULLIF(w.fdwvalidator, 0)::pg_catalog.regproc,
       {options w.fdwoptions}, {grants F w.fdwacl w.fdwowner}
  FROM pg_catalog.pg_foreign_data_wrapper AS w
 WHERE {loose pg_foreign_data_wrapper w.oid}
