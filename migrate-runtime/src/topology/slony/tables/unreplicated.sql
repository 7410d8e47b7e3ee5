SELECT DISTINCT e.detail,
       (SELECT min(x.relname) FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM {schema}.event AS e
  JOIN pg_class AS c ON c.oid = to_regclass(e.detail)
 WHERE e.what = 'made a table'
   AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM {slony}.sl_table AS t WHERE t.tab_reloid = c.oid)
 ORDER BY 1
