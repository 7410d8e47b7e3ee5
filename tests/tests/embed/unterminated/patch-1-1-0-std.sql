SELECT 1;
SELECT $body$ one $bod$;
