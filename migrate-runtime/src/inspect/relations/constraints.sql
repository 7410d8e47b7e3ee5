SELECT {owner k.conrelid}, {key k.oid}, {key k.conindid}, {places k.conkey k.conrelid}, {table k.confrelid}, {places k.confkey k.confrelid},
       k.conname, k.contype, k.confdeltype, k.confupdtype, k.condeferrable, k.condeferred, k.convalidated,
       k.coninhcount > 0 AND NOT k.conislocal OR k.conparentid <> 0,
       -- What has the usual form is printed by the reader: printing asks the server for each name apart.
       CASE WHEN k.contype IN ('c', 'x') OR k.confrelid <> 0 AND NOT COALESCE({ours} AND {loose pg_class k.confrelid}, false)
                 OR k.confmatchtype NOT IN (' ', 's') OR k.cleared IS NOT NULL
                 OR i.indnatts <> i.indnkeyatts OR i.nulls_equal
                 OR pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 180000
            THEN pg_catalog.pg_get_constraintdef(k.oid) END
  -- PostgreSQL 14 lacks two columns: there their names mean these.
  FROM (VALUES (NULL::pg_catalog.int2[], false)) AS older (confdelsetcols, indnullsnotdistinct)
 CROSS JOIN LATERAL (SELECT k.*, confdelsetcols AS cleared FROM pg_catalog.pg_constraint AS k) AS k
  LEFT JOIN LATERAL (SELECT i.*, indnullsnotdistinct AS nulls_equal FROM pg_catalog.pg_index AS i) AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
  LEFT JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid AND k.confrelid <> 0
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = f.relnamespace
  LEFT JOIN pg_catalog.pg_constraint AS parent ON parent.oid = k.conparentid AND k.conparentid <> 0
 {scope k.conrelid}
 WHERE k.conrelid >= 16384 AND k.contype IN ('p', 'u', 'f', 'c', 'x')
    -- A foreign key to a partitioned table has one more for each partition, which nobody sees.
   AND k.conrelid IS DISTINCT FROM parent.conrelid
