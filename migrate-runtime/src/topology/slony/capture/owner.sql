-- What this transaction made and still belongs to whoever is connected. A row of pg_depend is as old as the object.
SELECT format('ALTER %s %s OWNER TO %I', i.type, i.identity, {role})
  FROM (SELECT d.classid, d.objid
          FROM pg_depend AS d
         WHERE d.refclassid = 'pg_namespace'::regclass
           AND d.deptype = 'n'
           AND d.xmin::text = pg_current_xact_id()::xid::text
           -- A column's sequence and the like goes with what it belongs to.
           AND NOT EXISTS (SELECT FROM pg_depend AS o
                            WHERE o.classid = d.classid AND o.objid = d.objid AND o.deptype IN ('a', 'i')
                              AND o.objsubid = 0 AND o.refobjsubid > 0)
           AND (SELECT u.oid FROM pg_roles AS u WHERE u.rolname = current_user) IN (
                SELECT c.relowner FROM pg_class AS c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid
                 UNION ALL
                SELECT p.proowner FROM pg_proc AS p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
                 UNION ALL
                SELECT t.typowner FROM pg_type AS t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid)
         UNION ALL
        SELECT 'pg_namespace'::regclass, n.oid
          FROM pg_namespace AS n
         WHERE n.xmin::text = pg_current_xact_id()::xid::text
           AND n.nspowner = (SELECT u.oid FROM pg_roles AS u WHERE u.rolname = current_user)) AS m (classid, objid),
       pg_identify_object(m.classid, m.objid, 0) AS i
