SELECT {key e.oid}, {key e.evtfoid},
       e.evtname, e.evtevent, (SELECT pg_catalog.array_agg(tag ORDER BY tag) FROM pg_catalog.unnest(e.evttags) AS tag),
       e.evtfoid::pg_catalog.regproc, pg_catalog.pg_get_userbyid(e.evtowner), e.evtenabled
  FROM pg_catalog.pg_event_trigger AS e
 WHERE {loose pg_event_trigger e.oid}
