-- migrate: batch 5000 by id
UPDATE study SET title = '';
SELECT 1;
