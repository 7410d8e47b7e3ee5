SELECT {key s.oid}, 'pg_subscription', 'subscription', pg_catalog.quote_ident(s.subname), pg_catalog.pg_get_userbyid(s.subowner),
       CASE WHEN c.shown IS NOT NULL THEN ARRAY[pg_catalog.format('CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION %s WITH (%s)', s.subname, c.shown,
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(p.name), ', ') FROM pg_catalog.unnest(s.subpublications) AS p (name)),
           pg_catalog.concat_ws(', ', 'connect = false', 'slot_name = ' || COALESCE(pg_catalog.quote_literal(s.subslotname), 'NONE'),
               CASE WHEN s.subbinary THEN 'binary = true' END,
               'streaming = ' || CASE WHEN s.substream::pg_catalog.text IN ('t', 'true') THEN 'on' WHEN s.substream::pg_catalog.text = 'p' THEN 'parallel' END,
               'synchronous_commit = ' || pg_catalog.quote_literal(NULLIF(s.subsynccommit, 'off')),
               CASE WHEN s.two_phase IN ('p', 'e') THEN 'two_phase = on' END, CASE WHEN s.disable_on_error = 'true' THEN 'disable_on_error = true' END,
               CASE WHEN s.password_required = 'false' THEN 'password_required = false' END, CASE WHEN s.run_as_owner = 'true' THEN 'run_as_owner = true' END,
               'origin = ' || NULLIF(s.origin, 'any'), CASE WHEN s.failover = 'true' THEN 'failover = true' END))] END,
       NULL, NULL, NULL, 'late', ARRAY[CASE WHEN c.shown IS NULL THEN 'connection' WHEN c.shown <> c.whole THEN 'password' END],
       CASE WHEN s.subslotname IS NOT NULL THEN ARRAY[pg_catalog.format('ALTER SUBSCRIPTION %I DISABLE', s.subname),
           pg_catalog.format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s.subname), pg_catalog.format('DROP SUBSCRIPTION %I', s.subname)] END
  -- Older servers lack some columns: there the names mean these.
  FROM (VALUES (NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text))
           AS older (subtwophasestate, subdisableonerr, subpasswordrequired, subrunasowner, suborigin, subfailover)
 CROSS JOIN LATERAL (SELECT s.oid, s.subdbid, s.subname, s.subowner, s.subpublications, s.subslotname, s.subbinary, s.substream, s.subsynccommit,
                            subtwophasestate::pg_catalog.text AS two_phase, subdisableonerr::pg_catalog.text AS disable_on_error,
                            subpasswordrequired::pg_catalog.text AS password_required, subrunasowner::pg_catalog.text AS run_as_owner,
                            suborigin::pg_catalog.text AS origin, subfailover::pg_catalog.text AS failover
                       FROM pg_catalog.pg_subscription AS s
                      WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()) OFFSET 0) AS s
 -- Only some roles may read the connection, and whoever names the column without being one is refused: so a function is given
 -- the question as a text.
 CROSS JOIN LATERAL (SELECT CASE WHEN pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT') THEN
                         (SELECT pg_catalog.string_agg(pg_catalog.substr(w.word, 6), '' ORDER BY w.word)
                            FROM pg_catalog.ts_stat(pg_catalog.format('SELECT pg_catalog.array_to_tsvector(ARRAY(SELECT pg_catalog.to_char(g, ''FM00000'') || pg_catalog.substr(subconninfo, 1 + 200 * g, 200)
                                FROM pg_catalog.generate_series(0, pg_catalog.length(subconninfo) / 200) AS g)) FROM pg_catalog.pg_subscription WHERE oid = %s', s.oid)) AS w) END AS whole) AS w
 CROSS JOIN LATERAL (SELECT w.whole, pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(w.whole,
                         '(^|\s)(ssl)?password\s*=\s*(''([^''\\]|\\.)*''|([^\s\\]|\\.)*)', '\1', 'gi'),
                         '^(postgres(ql)?://[^/?#:@]*):[^/?#@]*@', '\1@', 'i'),
                         '([?&])(ssl)?password=[^&]*&?', '\1', 'gi') AS shown) AS c
