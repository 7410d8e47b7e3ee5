SELECT i.indrelid, i.indexrelid, {places i.indkey i.indrelid}, i.indnkeyatts,
       c.relname, i.indisunique, k.conname, i.indisvalid AND i.indisready AND i.indislive, i.indisclustered,
       -- What has the usual form is printed by the reader: for each other index the server opens its table.
       CASE WHEN c.relam <> 403 OR c.reloptions IS NOT NULL OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                 OR i.indnatts <> i.indnkeyatts OR i.indnullsnotdistinct OR k.conname IS NULL AND EXISTS (
           SELECT FROM ROWS FROM (pg_catalog.unnest(i.indkey::pg_catalog.int2[]), pg_catalog.unnest(i.indclass::pg_catalog.oid[]),
                  pg_catalog.unnest(i.indcollation::pg_catalog.oid[]), pg_catalog.unnest(i.indoption::pg_catalog.int2[]))
                  AS e(attnum, opclass, collate_by, option)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = e.attnum
             JOIN pg_catalog.pg_opclass AS o ON o.oid = e.opclass
            -- varchar is indexed as text is; enums, arrays and ranges have their classes in common.
            WHERE e.option <> 0 OR e.collate_by <> a.attcollation OR NOT o.opcdefault OR NOT (o.opcintype = a.atttypid
               OR o.opcintype IN (2277, 3500, 3831, 4537) OR o.opcintype = 25 AND a.atttypid = 1043))
            THEN pg_catalog.pg_get_indexdef(i.indexrelid) END,
       {options c.reloptions}
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p', 'm')
  LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
 WHERE i.indexrelid >= 16384
