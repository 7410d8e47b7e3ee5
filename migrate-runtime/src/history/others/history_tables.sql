SELECT n.nspname, c.relname, r.rolname, {trusted}, w.at
  FROM (VALUES {tables}) AS w (name, columns, at)
  JOIN pg_class AS c ON c.relname = w.name AND c.relkind IN ('r', 'p')
  JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname <> {own}
  LEFT JOIN pg_roles AS r ON r.oid = c.relowner
 WHERE NOT pg_is_other_temp_schema(n.oid)
   AND n.oid <> pg_my_temp_schema()
   AND w.columns <@ ARRAY(
           SELECT a.attname
             FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
 ORDER BY n.nspname, c.relname
