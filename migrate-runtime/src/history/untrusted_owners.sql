SELECT o.kind, o.name, r.rolname
  FROM (SELECT 'n', n.nspname, n.nspowner
          FROM pg_namespace AS n
         WHERE n.nspname = {name}
         UNION ALL
        SELECT c.relkind, c.relname, c.relowner
          FROM pg_class AS c
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = {name}
           AND c.relname IN ('patch', 'bundle', 'event', 'statement', 'catalog')) AS o (kind, name, owner)
  LEFT JOIN pg_roles AS r ON r.oid = o.owner
 WHERE o.kind NOT IN ('n', 'r')
    OR NOT {trusted}
 ORDER BY o.kind <> 'n', o.name
