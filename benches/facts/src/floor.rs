//! The floor: what a database contains as SQL for `psql`, tables made whole and rows by COPY.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::{Result, context};
use postgres::Client;

/// The SQL that makes what the database contains: all DDL as one message, then COPY, then triggers.
pub(crate) fn sql(client: &mut Client) -> Result<String> {
    // So that the server prints every name with its schema.
    client.batch_execute("SET search_path = ''")?;
    let tables = in_order(tables(client)?);
    let mut ddl = texts(client, TYPES)?;
    let mut late = Vec::new();
    let mut created = BTreeSet::new();
    for table in &tables {
        created.insert(table.oid);
        let (now, later): (Vec<_>, Vec<_>) =
            table.constraints.iter().partition(|(_, to)| to.is_none_or(|to| created.contains(&to)));
        let parts = table.columns.iter().chain(now.into_iter().map(|(clause, _)| clause));
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        ddl.push(format!("CREATE TABLE {} ({})", table.name, parts.join(", ")));
        late.extend(later.into_iter().map(|(clause, _)| format!("ALTER TABLE {} ADD {clause}", table.name)));
    }
    ddl.extend(late);
    for query in [INDEXES, FUNCTIONS, COMMENTS] {
        ddl.extend(texts(client, query)?);
    }
    let mut sql = one_message(&ddl);
    for table in &tables {
        copy(client, table, &mut sql)?;
    }
    let last: Vec<String> = [TRIGGERS, SEQUENCES]
        .map(|query| texts(client, query))
        .into_iter()
        .collect::<Result<Vec<_>>>()?
        .concat();
    sql.push_str(&one_message(&last));
    Ok(sql)
}

/// Runs a file by `psql -1`, and says how long the process took.
pub(crate) fn run(url: &str, file: &Path) -> Result<Duration> {
    let mut command = Command::new("psql");
    command.args(["-1", "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"]).arg(file);
    let start = Instant::now();
    let output = command.env("PGGSSENCMODE", "disable").output().map_err(context("psql"))?;
    let elapsed = start.elapsed();
    match output.status.success() {
        true => Ok(elapsed),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// Statements that psql sends together.
fn one_message(statements: &[String]) -> String {
    match statements {
        [] => String::new(),
        // `\;` ends a statement, and psql goes on reading before it sends.
        statements => statements.join("\\;\n") + ";\n",
    }
}

struct Table {
    oid: u32,
    name: String,
    columns: Vec<String>,
    names: Vec<String>,
    /// Each with the table that it refers to.
    constraints: Vec<(String, Option<u32>)>,
}

fn tables(client: &mut Client) -> Result<Vec<Table>> {
    let mut tables: BTreeMap<u32, Table> = BTreeMap::new();
    for row in client.query(COLUMNS, &[])? {
        let (oid, name): (u32, String) = (row.get(0), row.get(1));
        let table = tables.entry(oid).or_insert_with(|| Table {
            oid,
            name,
            columns: Vec::new(),
            names: Vec::new(),
            constraints: Vec::new(),
        });
        table.names.push(row.get(2));
        table.columns.push(row.get(3));
    }
    for row in client.query(CONSTRAINTS, &[])? {
        let table = tables.get_mut(&row.get(0)).ok_or("a constraint of no table")?;
        table.constraints.push((row.get(1), row.get(2)));
    }
    Ok(tables.into_values().collect())
}

/// Each table after those that it refers to, as far as that goes.
fn in_order(mut tables: Vec<Table>) -> Vec<Table> {
    let (mut ordered, mut known) = (Vec::new(), BTreeSet::new());
    while !tables.is_empty() {
        let ready = |table: &Table| {
            let mut targets = table.constraints.iter().filter_map(|(_, to)| *to);
            targets.all(|to| to == table.oid || known.contains(&to))
        };
        let (mut now, later): (Vec<Table>, Vec<Table>) = tables.into_iter().partition(ready);
        tables = later;
        if now.is_empty() {
            now.append(&mut tables);
        }
        known.extend(now.iter().map(|table| table.oid));
        ordered.extend(now);
    }
    ordered
}

fn copy(client: &mut Client, table: &Table, sql: &mut String) -> Result<()> {
    let target = format!("{} ({})", table.name, table.names.join(", "));
    let mut rows = String::new();
    client.copy_out(&format!("COPY {target} TO STDOUT"))?.read_to_string(&mut rows)?;
    if !rows.is_empty() {
        let _ = write!(sql, "COPY {target} FROM STDIN;\n{rows}\\.\n");
    }
    Ok(())
}

fn texts(client: &mut Client, query: &str) -> Result<Vec<String>> {
    Ok(client.query(query, &[])?.iter().map(|row| row.get(0)).collect())
}

const TYPES: &str = "\
SELECT format('CREATE TYPE %s AS ENUM (%s)', e.enumtypid::regtype, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
  FROM pg_enum AS e GROUP BY e.enumtypid";

const COLUMNS: &str = "\
SELECT c.oid, c.oid::regclass::text, quote_ident(a.attname),
       format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END,
           CASE WHEN a.attidentity = 'd' THEN format(' GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME %s)', pg_get_serial_sequence(c.oid::regclass::text, a.attname))
                WHEN d.oid IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END)
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relkind = 'r' AND c.oid >= 16384 AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY c.oid, a.attnum";

const CONSTRAINTS: &str = "\
SELECT k.conrelid, format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), NULLIF(k.confrelid, 0)
  FROM pg_constraint AS k WHERE k.conrelid >= 16384 AND k.contype IN ('p', 'u', 'f', 'c') ORDER BY k.oid";

const INDEXES: &str = "\
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
 ORDER BY i.indexrelid";

const COMMENTS: &str = "\
SELECT format('COMMENT ON %s IS %L', CASE WHEN m.objsubid = 0 THEN 'TABLE ' || m.objoid::regclass
              ELSE format('COLUMN %s.%I', m.objoid::regclass, a.attname) END, m.description)
  FROM pg_description AS m
  LEFT JOIN pg_attribute AS a ON a.attrelid = m.objoid AND a.attnum = m.objsubid
 WHERE m.classoid = 'pg_class'::regclass AND m.objoid >= 16384
UNION ALL
SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.conrelid::regclass, m.description)
  FROM pg_description AS m JOIN pg_constraint AS k ON k.oid = m.objoid
 WHERE m.classoid = 'pg_constraint'::regclass AND m.objoid >= 16384
UNION ALL
SELECT format('COMMENT ON FUNCTION %s IS %L', m.objoid::regprocedure, m.description)
  FROM pg_description AS m WHERE m.classoid = 'pg_proc'::regclass AND m.objoid >= 16384";

const FUNCTIONS: &str = "\
SELECT rtrim(pg_get_functiondef(p.oid), E'\\n') FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace ORDER BY p.oid";

const TRIGGERS: &str = "\
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE NOT t.tgisinternal AND t.oid >= 16384 ORDER BY t.oid";

const SEQUENCES: &str = "\
SELECT format('SELECT pg_catalog.setval(%L, %s)', format('%I.%I', s.schemaname, s.sequencename), s.last_value)
  FROM pg_sequences AS s WHERE s.last_value IS NOT NULL";
