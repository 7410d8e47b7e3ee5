SELECT {owner t.tgrelid}, {key t.oid}, {key t.tgfoid},
       t.tgname, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled, t.tgparentid <> 0
  FROM pg_catalog.pg_trigger AS t
 {scope t.tgrelid}
 -- PostgreSQL 14 takes a partition's copy of a trigger for internal.
 WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 AND (t.tgconstraint = 0 OR EXISTS (
           SELECT FROM pg_catalog.pg_constraint AS k WHERE k.oid = t.tgconstraint AND k.contype = 't')))
   AND t.oid >= 16384
