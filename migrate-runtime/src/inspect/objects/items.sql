(SELECT pg_catalog.string_agg(e.item, ', ' ORDER BY e.place, e.number, e.item)
          FROM (SELECT pg_catalog.format('OPERATOR %s %s%s', p.amopstrategy, p.amopopr::pg_catalog.regoperator,
                           (SELECT pg_catalog.format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname) FROM pg_catalog.pg_opfamily AS s
                              JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.opfnamespace WHERE s.oid = p.amopsortfamily)) AS item,
                       1 AS place, p.amopstrategy AS number
                  FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_amop AS p ON p.oid = d.objid
                 WHERE d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass
                   AND d.refclassid = 'pg_catalog.[class]'::pg_catalog.regclass AND d.refobjid = [oid]
                UNION ALL
                SELECT pg_catalog.format('FUNCTION %s (%s, %s) %s', p.amprocnum, pg_catalog.format_type(p.amproclefttype, NULL),
                           pg_catalog.format_type(p.amprocrighttype, NULL), p.amproc::pg_catalog.regprocedure), 2, p.amprocnum
                  FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_amproc AS p ON p.oid = d.objid
                 WHERE d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass
                   AND d.refclassid = 'pg_catalog.[class]'::pg_catalog.regclass AND d.refobjid = [oid]) AS e),
       ARRAY(SELECT d.classid::pg_catalog.regclass || ' ' || d.objid FROM pg_catalog.pg_depend AS d
              WHERE d.refclassid = 'pg_catalog.[class]'::pg_catalog.regclass AND d.refobjid = [oid]
                AND d.classid IN ('pg_catalog.pg_amop'::pg_catalog.regclass, 'pg_catalog.pg_amproc'::pg_catalog.regclass))
