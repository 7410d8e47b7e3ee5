SELECT p.position,
       p.bundle,
       pg_catalog.array_to_string(p.version, '.'),
       p.kind,
       p.file,
       p.checksum,
       p.tokens,
       pg_catalog.array_to_string(p.min_app, '.'),
       p.draft,
       p.baseline,
       p.ended_at IS NOT NULL,
       pg_catalog.to_char(p.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       pg_catalog.to_char(p.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (pg_catalog.date_part('epoch', p.ended_at - p.started_at) * 1000)::bigint,
       p.applied_by,
       p.application,
       p.revision
  FROM {schema}.patch AS p
 ORDER BY p.position
