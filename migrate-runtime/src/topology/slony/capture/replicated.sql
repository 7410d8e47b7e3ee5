-- What a statement writes to, with its partitions and heirs; asked under the patch's own search path.
WITH RECURSIVE t (oid) AS (
    SELECT pg_catalog.to_regclass({table})::pg_catalog.oid
     UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN t ON t.oid OPERATOR(pg_catalog.=) i.inhparent)
SELECT pg_catalog.count(r.tab_reloid) OPERATOR(pg_catalog.>) 0,
       COALESCE(pg_catalog.bool_or(c.relkind OPERATOR(pg_catalog.=) 'v'), false)
  FROM t
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.oid
  LEFT JOIN {slony}.sl_table AS r ON r.tab_reloid OPERATOR(pg_catalog.=) t.oid
