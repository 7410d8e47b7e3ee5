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
       p.ended_at IS NOT NULL
  FROM {schema}.patch AS p
 ORDER BY p.position
