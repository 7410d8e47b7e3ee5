SELECT {owner r.ev_class}, {key r.oid},
       r.rulename, pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled
  FROM pg_catalog.pg_rewrite AS r
 {scope r.ev_class}
 WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
