use std::collections::BTreeSet;

use crate::facts::kinds::{Claim, ColumnFact, Fact, SurrogateKey, TableFact};
use crate::facts::language::{DeclaredType, TableName, mangle, sql_type};
use crate::text::quote;

/// The tables, columns and types of facts, as SQL, for checks that read only the SQL of patches. It is not meant for a
/// server: if an object is defined twice, the later definition counts.
pub(crate) fn as_sql(facts: &[Fact]) -> String {
    let of = |fact: &Fact| match &fact.claim {
        Claim::Table(table) => table_sql(table) + &as_sql(&table.with),
        Claim::Column(column) => column_sql(column),
        Claim::Include(include) => as_sql(include.facts.as_deref().unwrap_or_default()),
        Claim::Sql(sql) => format!("{}\n;\n", sql.sql.text),
        _ => String::new(),
    };
    facts.iter().map(of).collect()
}

/// The SQL of facts that creates domains, which do not depend on tables.
pub(crate) fn domains(facts: &[Fact]) -> String {
    let of = |fact: &Fact| match &fact.claim {
        Claim::Include(include) => domains(include.facts.as_deref().unwrap_or_default()),
        Claim::Sql(sql) if sql.sql.text.to_lowercase().contains("domain") => {
            format!("{}\n;\n", sql.sql.text)
        }
        _ => String::new(),
    };
    facts.iter().map(of).collect()
}

fn table_sql(table: &TableFact) -> String {
    let name = table_name(&table.table, &table.table.label);
    if !table.present {
        return format!("DROP TABLE IF EXISTS {name};\n");
    }
    let id = match table.id.unwrap_or(SurrogateKey::Bigint) {
        SurrogateKey::Bigint => "id bigint PRIMARY KEY",
        SurrogateKey::Integer => "id integer PRIMARY KEY",
        SurrogateKey::Uuid => "id uuid PRIMARY KEY",
        SurrogateKey::None => "",
    };
    let renamed = |was: &TableName| {
        let schema = was.schema.clone().or_else(|| table.table.schema.clone());
        let old = TableName { schema, label: was.label.clone() };
        let (old, new) = (table_name(&old, &was.label), printed(&[&table.table.label], None));
        format!("ALTER TABLE IF EXISTS {old} RENAME TO {new};\n")
    };
    table.was.iter().map(renamed).chain([format!("CREATE TABLE IF NOT EXISTS {name} ({id});\n")]).collect()
}

fn column_sql(column: &ColumnFact) -> String {
    let (table, name) = (table_name(&column.of, &column.of.label), printed(&[&column.label], None));
    let Some(kind) = column.kind.as_ref().filter(|_| column.present) else {
        return format!("ALTER TABLE {table} DROP COLUMN {name};\n");
    };
    let kind = match kind {
        DeclaredType::Sql(kind) => kind.clone(),
        // An enum type for this column.
        DeclaredType::Enum(_) => {
            within(&column.of, printed(&[&column.of.label, &column.label], Some("enum")))
        }
        kind => sql_type::printed(kind).unwrap_or_default(),
    };
    let renamed =
        |was: &String| format!("ALTER TABLE {table} RENAME COLUMN {} TO {name};\n", printed(&[was], None));
    let add = format!("ALTER TABLE {table} ADD COLUMN {name} {kind};\n");
    column.was.iter().map(renamed).chain([add]).collect()
}

fn table_name(table: &TableName, label: &str) -> String {
    within(table, printed(&[label], None))
}

fn within(table: &TableName, name: String) -> String {
    let schema = table.schema.as_ref().map(|schema| quote::printed(schema, &BTreeSet::new()) + ".");
    schema.unwrap_or_default() + &name
}

fn printed(fragments: &[&str], suffix: Option<&str>) -> String {
    quote::printed(&mangle(fragments, suffix), &BTreeSet::new())
}
