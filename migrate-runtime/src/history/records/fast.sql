SELECT b.name,
       b.patches,
       b.facts,
       (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) b.tableoid),
       current_user,
       session_user
  FROM ONLY {schema}.bundle AS b
