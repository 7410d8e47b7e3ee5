SELECT {key p.oid}, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner), p.puballtables,
       pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
       p.pubviaroot,
       (SELECT pg_catalog.array_agg(t.line ORDER BY t.line COLLATE "C") FROM (
           SELECT pg_catalog.format('%I.%I%s%s', tn.nspname, c.relname,
                      ' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                 FROM pg_catalog.pg_attribute AS a
                                WHERE a.attrelid = c.oid AND a.attnum = ANY ((SELECT prattrs FROM (SELECT r.*) AS newer)::pg_catalog.int2[])) || ')',
                      ' WHERE (' || pg_catalog.pg_get_expr((SELECT prqual FROM (SELECT r.*) AS newer), c.oid) || ')') AS line
             FROM pg_catalog.pg_publication_rel AS r
             JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
             JOIN pg_catalog.pg_namespace AS tn ON tn.oid = c.relnamespace
            -- PostgreSQL 14 has neither: there the names mean these.
            CROSS JOIN (VALUES (NULL::pg_catalog.int2vector, NULL::pg_catalog.pg_node_tree)) AS older (prattrs, prqual)
            WHERE r.prpubid = p.oid) AS t),
       (SELECT pg_catalog.array_agg(sn.nspname ORDER BY sn.nspname)
          -- By what its rows depend on, since PostgreSQL 14 has no `pg_publication_namespace`.
          FROM pg_catalog.pg_depend AS d
          JOIN pg_catalog.pg_depend AS s ON s.classid = d.classid AND s.objid = d.objid AND s.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
          JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.refobjid
         WHERE d.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND d.refobjid = p.oid
           AND d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace'))
  FROM pg_catalog.pg_publication AS p
 WHERE {loose pg_publication p.oid}
