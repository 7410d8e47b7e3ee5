SELECT i.type, i.identity
  FROM (SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, oid, oprnamespace FROM pg_catalog.pg_operator WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, oid, 0 FROM pg_catalog.pg_cast AS k WHERE oid >= 16384
              -- A range type makes its own.
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = k.oid AND d.deptype = 'i'
                                 AND d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass)
        UNION ALL SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, oid, collnamespace FROM pg_catalog.pg_collation WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, oid, connamespace FROM pg_catalog.pg_conversion WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid, opcnamespace FROM pg_catalog.pg_opclass WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid, opfnamespace FROM pg_catalog.pg_opfamily WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid, cfgnamespace FROM pg_catalog.pg_ts_config WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid, dictnamespace FROM pg_catalog.pg_ts_dict WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid, prsnamespace FROM pg_catalog.pg_ts_parser WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid, tmplnamespace FROM pg_catalog.pg_ts_template WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, oid, 0 FROM pg_catalog.pg_language WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_am'::pg_catalog.regclass, oid, 0 FROM pg_catalog.pg_am WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_transform'::pg_catalog.regclass, oid, 0 FROM pg_catalog.pg_transform WHERE oid >= 16384
        UNION ALL SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, oid, typnamespace FROM pg_catalog.pg_type
               WHERE oid >= 16384 AND (typtype = 'b' AND typcategory <> 'A' OR typtype = 'p')
       ) AS o(class, oid, namespace)
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = o.namespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.class, o.oid, 0) AS i
 WHERE (n.nspname IS NULL OR {ours})
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
