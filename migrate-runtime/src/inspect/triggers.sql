SELECT {owner t.tgrelid}, {key t.oid}, {key t.tgfoid},
       t.tgname, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled, t.tgparentid <> 0
  FROM pg_catalog.pg_trigger AS t
 {scope t.tgrelid}
 WHERE NOT t.tgisinternal AND t.oid >= 16384
