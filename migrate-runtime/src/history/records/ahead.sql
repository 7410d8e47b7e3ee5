SELECT w.name,
       b.patches,
       b.facts,
       CASE WHEN pg_catalog.split_part(b.patches::pg_catalog.text, ' ', 1) OPERATOR(pg_catalog.=) w.digest THEN NULL ELSE (
           SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(COALESCE(pg_catalog.string_agg(
                      pg_catalog.concat(CASE WHEN p.baseline THEN 'baseline ' END,
                                        pg_catalog.array_to_string(p.version, '.'), ' ', p.kind, ' ', p.tokens),
                      pg_catalog.chr(10) ORDER BY p.version), ''), 'UTF8')), 'hex')
             FROM {schema}.patch AS p
            WHERE p.bundle OPERATOR(pg_catalog.=) w.name
              AND p.version OPERATOR(pg_catalog.<=) w.head
              AND (p.version OPERATOR(pg_catalog.>) w.floor
                   OR p.baseline AND p.version OPERATOR(pg_catalog.=) w.floor)
              AND p.ended_at IS NOT NULL
       ) END AS applied,
       (SELECT {trusted} FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) b.tableoid) AS trusted
  FROM (VALUES {bundles}) AS w (name, digest, head, floor)
  LEFT JOIN {schema}.bundle AS b ON b.name OPERATOR(pg_catalog.=) w.name
