SELECT {owner a.attrelid}, {place a.attnum a.attrelid}, {key a.atttypid}, {key d.oid},
       a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       -- Given a table, the server opens it, to print columns that no plain default has: slow, and it waits for locks.
       pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END), a.attidentity, a.attgenerated,
       CASE WHEN a.attcollation <> t.typcollation THEN {collation a.attcollation} END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
       a.attcompression, NULLIF(a.attstattarget, -1), {grants c a.attacl c.relowner},
       {attributes a.attoptions}, {options a.attfdwoptions}, a.attinhcount > 0 AND NOT a.attislocal, {key a.attcollation}
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 {scope a.attrelid}
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384
