DELETE FROM {schema}.catalog;
INSERT INTO {schema}.catalog (taken_at, taken_by, application, revision, position, server, format, contents)
SELECT pg_catalog.clock_timestamp(), session_user, {application}, {revision},
       (SELECT COALESCE(pg_catalog.max(p.position), 0) FROM {schema}.patch AS p),
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
       {format},
       {contents};
