SET LOCAL row_security = off;
SELECT b.name, b.digest, b.head, b.min_app, b.interrupted, b.facts
  FROM ONLY {schema}.bundle AS b TABLESAMPLE pg_catalog.system ('100')
