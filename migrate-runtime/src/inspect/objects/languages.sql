SELECT {key l.oid}, 'pg_language', i.type, i.identity, pg_catalog.pg_get_userbyid(l.lanowner),
       ARRAY[pg_catalog.concat_ws(' ', pg_catalog.format('CREATE %sLANGUAGE %I', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END, l.lanname),
           'HANDLER ' || NULLIF(l.lanplcallfoid, 0)::pg_catalog.regproc, 'INLINE ' || NULLIF(l.laninline, 0)::pg_catalog.regproc,
           'VALIDATOR ' || NULLIF(l.lanvalidator, 0)::pg_catalog.regproc)],
       NULL, {grants l l.lanacl l.lanowner}
  FROM pg_catalog.pg_language AS l
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_language'::pg_catalog.regclass, l.oid, 0) AS i
 WHERE l.oid >= 16384 AND {loose pg_language l.oid}
