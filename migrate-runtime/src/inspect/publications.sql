SELECT {key p.oid}, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner), p.puballtables,
       pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
       p.pubviaroot,
       (SELECT pg_catalog.array_agg(t.line ORDER BY t.line COLLATE "C") FROM (
           SELECT pg_catalog.format('%I.%I%s%s', tn.nspname, c.relname,
                      ' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                 FROM pg_catalog.pg_attribute AS a
                                WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::pg_catalog.int2[])) || ')',
                      ' WHERE (' || pg_catalog.pg_get_expr(r.prqual, c.oid) || ')') AS line
             FROM pg_catalog.pg_publication_rel AS r
             JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
             JOIN pg_catalog.pg_namespace AS tn ON tn.oid = c.relnamespace
            WHERE r.prpubid = p.oid) AS t),
       (SELECT pg_catalog.array_agg(sn.nspname ORDER BY sn.nspname)
          FROM pg_catalog.pg_publication_namespace AS s
          JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.pnnspid WHERE s.pnpubid = p.oid)
  FROM pg_catalog.pg_publication AS p
 WHERE {loose pg_publication p.oid}
