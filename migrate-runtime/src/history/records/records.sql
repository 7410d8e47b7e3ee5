SELECT b.name,
       b.patches,
       b.facts,
       NULL AS applied,
       (SELECT {trusted} FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) b.tableoid) AS trusted,
       b.position
  FROM ONLY {schema}.bundle AS b
