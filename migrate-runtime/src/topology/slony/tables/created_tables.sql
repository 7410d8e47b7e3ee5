INSERT INTO {schema}.event (happened_at, what, bundle, version, detail, application, revision)
SELECT clock_timestamp(), 'made a table', {bundle}, {version}, i.identity, {application}, {revision}
  FROM pg_depend AS d
  JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'r' AND c.relpersistence <> 't'
 CROSS JOIN pg_identify_object(d.classid, d.objid, 0) AS i
 WHERE d.classid = 'pg_class'::regclass
   AND d.refclassid = 'pg_namespace'::regclass
   AND d.deptype = 'n'
   AND d.xmin::text = pg_current_xact_id()::xid::text
   AND c.relnamespace IS DISTINCT FROM to_regnamespace({history});
