-- migrate: lock-timeout 2s
-- migrate: lock-timeout 3s
SELECT 1;
