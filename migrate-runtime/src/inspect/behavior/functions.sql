SELECT {key p.oid},
       n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid), p.prokind,
       pg_catalog.pg_get_userbyid(p.proowner), l.lanname, p.prosrc,
       CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE (
           SELECT pg_catalog.format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname,
                      COALESCE(NULLIF(pg_catalog.pg_get_function_arguments(p.oid), ''), '*'))
               || pg_catalog.concat_ws(', ', 'SFUNC = ' || g.aggtransfn, 'STYPE = ' || pg_catalog.format_type(g.aggtranstype, NULL),
                      'SSPACE = ' || NULLIF(g.aggtransspace, 0), 'FINALFUNC = ' || NULLIF(g.aggfinalfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                      'FINALFUNC_MODIFY = ' || CASE WHEN g.aggfinalfn <> 0 THEN CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                      'COMBINEFUNC = ' || NULLIF(g.aggcombinefn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      'SERIALFUNC = ' || NULLIF(g.aggserialfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      'DESERIALFUNC = ' || NULLIF(g.aggdeserialfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      'INITCOND = ' || pg_catalog.quote_literal(g.agginitval),
                      'MSFUNC = ' || NULLIF(g.aggmtransfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      'MINVFUNC = ' || NULLIF(g.aggminvtransfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      'MSTYPE = ' || CASE WHEN g.aggmtranstype <> 0 THEN pg_catalog.format_type(g.aggmtranstype, NULL) END,
                      'MSSPACE = ' || NULLIF(g.aggmtransspace, 0), 'MFINALFUNC = ' || NULLIF(g.aggmfinalfn::pg_catalog.oid, 0)::pg_catalog.regproc,
                      CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                      'MFINALFUNC_MODIFY = ' || CASE WHEN g.aggmfinalfn <> 0 THEN CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                      'MINITCOND = ' || pg_catalog.quote_literal(g.aggminitval),
                      'SORTOP = ' || (SELECT pg_catalog.format('OPERATOR(%I.%s)', sn.nspname, o.oprname)
                                        FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_namespace AS sn ON sn.oid = o.oprnamespace
                                       WHERE o.oid = g.aggsortop),
                      'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
                      CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) || ')'
             FROM pg_catalog.pg_aggregate AS g WHERE g.aggfnoid = p.oid) END,
       {grants f p.proacl p.proowner}, pg_catalog.oidvectortypes(p.proargtypes)
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 WHERE p.oid >= 16384 AND {ours} AND {loose pg_proc p.oid}
    -- A range type makes its own.
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'i'
                      AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass)
