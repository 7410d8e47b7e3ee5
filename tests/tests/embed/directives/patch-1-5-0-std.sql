--migrate:
SELECT 1;
