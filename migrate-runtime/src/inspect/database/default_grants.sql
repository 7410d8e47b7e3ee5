SELECT pg_catalog.pg_get_userbyid(d.defaclrole), n.nspname,
       CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
            WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END,
       (SELECT pg_catalog.array_agg(item::pg_catalog.text ORDER BY item::pg_catalog.text COLLATE "C")
          FROM pg_catalog.unnest(d.defaclacl) AS item)
  FROM pg_catalog.pg_default_acl AS d
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
 WHERE n.nspname IS NULL OR {ours}
