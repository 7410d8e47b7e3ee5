-- migrate: allow truncat: it is a cache
-- migrate: allow lock-table: it is short
TRUNCATE cache;
LOCK TABLE cache;
