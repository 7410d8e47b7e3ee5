-- migrate: batch 5000
SELECT 1;
