SELECT pg_catalog.current_setting('server_version_num'),
       (SELECT pg_catalog.array_agg(w.word) FROM pg_catalog.pg_get_keywords() AS w WHERE w.catcode <> 'U')
