SELECT pg_catalog.to_char(c.taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       c.taken_by,
       c.application,
       c.revision,
       c.position,
       c.server,
       c.format,
       (SELECT COALESCE(pg_catalog.max(p.position), 0) FROM {schema}.patch AS p),
       pg_catalog.current_setting('server_version_num'),
       c.contents
  FROM {schema}.catalog AS c
