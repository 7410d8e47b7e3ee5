SELECT {key c.oid}, {key r.oid},
       n.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner), c.relpersistence = 'u',
       {grants r c.relacl c.relowner}, {options c.reloptions}, c.relrowsecurity, c.relforcerowsecurity,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       pg_catalog.pg_get_expr(c.relpartbound, 0), s.srvname, {options f.ftoptions},
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END,
       CASE WHEN c.relkind NOT IN ('r', 'p') THEN NULL WHEN c.relreplident = 'f' THEN 'FULL'
            WHEN c.relreplident = 'n' THEN 'NOTHING' WHEN c.relreplident = 'i' THEN
           (SELECT 'USING INDEX ' || pg_catalog.quote_ident(x.relname)
              FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
             WHERE i.indrelid = c.oid AND i.indisreplident) END,
       {key c.relispopulated}, {rows},
       {options toast.reloptions}, ts.spcname,
       CASE WHEN c.relam NOT IN (0, 2) THEN (SELECT a.amname FROM pg_catalog.pg_am AS a WHERE a.oid = c.relam) END
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_rewrite AS r ON c.relkind IN ('v', 'm') AND r.ev_class = c.oid AND r.rulename = '_RETURN'
  LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
  LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
  LEFT JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server AS s ON s.oid = f.ftserver
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND {ours} AND {loose pg_class c.oid}
