WITH scope AS MATERIALIZED (
    SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND {ours} AND {loose pg_class c.oid}
), dropped AS MATERIALIZED (
    SELECT DISTINCT a.attrelid FROM pg_catalog.pg_attribute AS a WHERE a.attisdropped AND a.attnum > 0
)
SELECT pg_catalog.md5(pg_catalog.concat_ws(' ', pg_catalog.count(*),
           pg_catalog.sum(pg_catalog.hashtextextended(line COLLATE "C", 0)),
           pg_catalog.sum(pg_catalog.hashtextextended(line COLLATE "C", 1))))
  FROM (
[lines]
) AS lines
