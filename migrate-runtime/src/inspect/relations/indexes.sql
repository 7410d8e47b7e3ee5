SELECT {owner i.indrelid}, {key i.indexrelid}, {places i.indkey i.indrelid}, i.indnkeyatts,
       c.relname, i.indisunique, i.indisvalid AND i.indisready AND i.indislive, i.indisclustered,
       printed.definition, {options c.reloptions},
       CASE WHEN printed.definition IS NULL THEN i.indclass END, CASE WHEN printed.definition IS NULL THEN i.indcollation END,
       ts.spcname, CASE WHEN i.indexprs IS NOT NULL THEN
           (SELECT pg_catalog.array_agg(a.attnum || ' ' || a.attstattarget ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) END
  -- PostgreSQL 14 lacks a column: there its name means this.
  FROM (VALUES (false)) AS older (indnullsnotdistinct)
 CROSS JOIN LATERAL (SELECT i.*, indnullsnotdistinct AS nulls_equal FROM pg_catalog.pg_index AS i) AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
    -- What has the usual form is printed by the reader: for each other index the server opens its table. Where an
    -- operator class or a collation is the server's own, its number says enough.
 CROSS JOIN LATERAL (SELECT CASE
            WHEN c.relam <> 403 OR c.reloptions IS NOT NULL OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
              OR i.indnatts <> i.indnkeyatts OR i.nulls_equal OR i.indoption::pg_catalog.text ~ '[1-9]'
              OR 16384 <= ANY (i.indclass::pg_catalog.oid[]) OR NOT i.indcollation::pg_catalog.oid[] <@ ARRAY[0, 100, 950]::pg_catalog.oid[]
              OR i.indclass::pg_catalog.oid[] && ARRAY(SELECT o.oid FROM pg_catalog.pg_opclass AS o WHERE NOT o.opcdefault)
            THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS definition OFFSET 0) AS printed
 {scope i.indrelid}
 WHERE i.indexrelid >= 16384 AND c.relnamespace <> 99 -- pg_toast
