SELECT coalesce(jsonb_object_agg(t.tab_id, t.columns), '{}')
  FROM (SELECT t.tab_id,
               string_agg(format('%s %I %s %s', a.attnum, a.attname, a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
          FROM {slony}.sl_table AS t
          JOIN pg_attribute AS a ON a.attrelid = t.tab_reloid AND a.attnum > 0 AND NOT a.attisdropped
         GROUP BY t.tab_id) AS t (tab_id, columns)
