-- What decides whether rows of a table fit another node's: a line for each column, for what rows must keep to, and for
-- the partitions of a table whose rows are published as its own. What must not wait for a table's lock leaves out how
-- constraints and indexes are printed.
WITH named AS (
    SELECT c.oid, c.relkind, c.relreplident, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f') AND pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) IN ({names})
)
SELECT name, 'table', 'there', '' FROM named
UNION ALL
SELECT t.name, 'column ' || pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE WHEN a.attgenerated <> '' THEN ' GENERATED' ELSE '' END, ''
  FROM named AS t
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT t.name, 'labels of ' || pg_catalog.format_type(e.enumtypid, NULL),
       pg_catalog.string_agg(DISTINCT pg_catalog.quote_literal(e.enumlabel), ', '), ''
  FROM named AS t
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_enum AS e ON e.enumtypid = a.atttypid
 GROUP BY t.name, e.enumtypid
UNION ALL
SELECT t.name, 'replica identity', pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname), ''
  FROM named AS t
  JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid
       AND CASE t.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
 GROUP BY t.name
UNION ALL
SELECT t.name, {constraint}, 'there', k.conname
  FROM named AS t
  JOIN pg_catalog.pg_constraint AS k ON k.conrelid = t.oid AND k.contype IN ('c', 'u', 'x')
UNION ALL
SELECT t.name, {index}, 'there', x.relname
  FROM named AS t
  JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid AND i.indisunique AND NOT i.indisprimary AND i.indislive
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('u', 'x'))
UNION ALL
SELECT t.name, 'partition ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), 'there', ''
  FROM named AS t
  JOIN pg_catalog.pg_inherits AS h ON h.inhparent = t.oid
  JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.relkind = 'p'
 ORDER BY 1, 2
