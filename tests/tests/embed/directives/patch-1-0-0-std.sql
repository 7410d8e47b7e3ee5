-- Why.
-- migrate: lock-timout 2s
SELECT 1;
