SELECT {key l.oid}, 'pg_collation', i.type, i.identity, pg_catalog.pg_get_userbyid(l.collowner),
       ARRAY[pg_catalog.format('CREATE COLLATION %s (%s)', i.identity, pg_catalog.concat_ws(', ',
           'PROVIDER = ' || CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' ELSE 'default' END,
           CASE WHEN NOT l.collisdeterministic THEN 'DETERMINISTIC = false' END,
           CASE WHEN l.collprovider IN ('i', 'b') OR l.collcollate = l.collctype
                THEN 'LOCALE = ' || pg_catalog.quote_literal(COALESCE(l.locale, l.collcollate))
                ELSE 'LC_COLLATE = ' || pg_catalog.quote_literal(l.collcollate) || ', LC_CTYPE = ' || pg_catalog.quote_literal(l.collctype) END,
           'RULES = ' || pg_catalog.quote_literal(l.rules)))]
  -- Older servers lack some columns: there the names mean these.
  FROM (VALUES (NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text)) AS older (colliculocale, colllocale, collicurules)
 CROSS JOIN LATERAL (SELECT l.oid, l.collowner, l.collnamespace, l.collprovider, l.collisdeterministic, l.collcollate::pg_catalog.text, l.collctype::pg_catalog.text,
                            COALESCE(colllocale::pg_catalog.text, colliculocale::pg_catalog.text) AS locale, collicurules::pg_catalog.text AS rules
                       FROM pg_catalog.pg_collation AS l WHERE l.oid >= 16384 OFFSET 0) AS l
  JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_collation'::pg_catalog.regclass, l.oid, 0) AS i
 WHERE {ours} AND {loose pg_collation l.oid}
