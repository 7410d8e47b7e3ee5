SELECT {owner p.polrelid}, {key p.oid},
       p.polname, p.polpermissive,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
       (SELECT pg_catalog.array_agg(r.name ORDER BY r.name COLLATE "C")
          FROM (SELECT CASE WHEN role = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(role)::pg_catalog.text END AS name
                  FROM pg_catalog.unnest(p.polroles) AS role) AS r),
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
  FROM pg_catalog.pg_policy AS p
 {scope p.polrelid}
