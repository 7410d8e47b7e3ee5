SELECT p.pubname, quote_ident(p.schemaname) || '.' || quote_ident(p.tablename), c.relkind,
       coalesce(to_jsonb(p) ->> 'rowfilter', ''), quote_ident(a.attname),
       coalesce((SELECT string_agg(quote_ident(k.attname), ', ' ORDER BY k.attname)
                   FROM pg_index AS i
                   JOIN pg_attribute AS k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                  WHERE i.indrelid = c.oid
                    AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END),
                (SELECT string_agg(quote_ident(k.attname), ', ' ORDER BY k.attname)
                   FROM pg_attribute AS k
                  WHERE k.attrelid = c.oid AND k.attnum > 0 AND NOT k.attisdropped AND k.attgenerated = ''
                    AND (NOT to_jsonb(p) ? 'attnames' OR to_jsonb(p) -> 'attnames' ? k.attname::text)))
  FROM pg_attribute AS a
 CROSS JOIN LATERAL (SELECT a.attrelid UNION SELECT o.relid FROM pg_partition_ancestors(a.attrelid) AS o) AS o (oid)
  JOIN pg_class AS c ON c.oid = o.oid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_publication_tables AS p ON p.schemaname = n.nspname AND p.tablename = c.relname
 WHERE a.attrelid IN ({tables}) AND p.pubname IN ({publications}) AND a.attnum > 0 AND NOT a.attisdropped
   AND age(a.xmin) <= age(pg_current_xact_id()::xid)
   AND (NOT to_jsonb(p) ? 'attnames' OR to_jsonb(p) -> 'attnames' ? a.attname::text)
 ORDER BY 1, 2, 5
