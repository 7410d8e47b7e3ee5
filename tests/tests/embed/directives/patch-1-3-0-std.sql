SELECT 1;
-- migrate: lock-timeout 2s
