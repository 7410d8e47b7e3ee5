SELECT n.nspname, r.rolname
  FROM pg_namespace AS n
  JOIN (SELECT c.oid, c.nspowner FROM pg_namespace AS c
         UNION ALL
        SELECT c.relnamespace, c.relowner FROM pg_class AS c
         UNION ALL
        SELECT p.pronamespace, p.proowner FROM pg_proc AS p) AS o (namespace, owner) ON o.namespace = n.oid
  LEFT JOIN pg_roles AS r ON r.oid = o.owner
 WHERE n.oid IN (SELECT c.relnamespace FROM pg_class AS c WHERE c.relname = 'sl_local_node_id')
   AND NOT {trusted}
 LIMIT 1
