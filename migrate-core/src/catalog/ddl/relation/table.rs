use crate::catalog::column::{Column, Generation};
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::grant::Grants;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::Oid;
use crate::catalog::table::{Partition, Relation, Table};
use crate::text::quote;

/// How a table is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog) enum Shape {
    /// With a list of its columns, without inherited ones.
    Listed,
    /// As a partition, with the columns of its parent.
    Partition,
    /// As a separate table that is attached as a partition later, because its columns have another order.
    Attached,
    /// With the columns of a composite type.
    Typed,
}

impl DdlScript<'_> {
    /// Its statements; `begun`, if a placeholder of the view was created before.
    pub(in crate::catalog) fn table(&self, oid: Oid, table: &Table, begun: bool) -> Vec<String> {
        let mut statements = self.with_sequences(oid, table, self.owned_sequences(oid));
        if let Some(create) = statements.first_mut() {
            match table.relation {
                Relation::View { .. } if begun => {
                    *create = create.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1);
                }
                // In a whole schema they are filled once all is there: their queries run.
                Relation::Materialized { populated: true, .. } if self.whole() => {
                    create.push_str("\nWITH NO DATA");
                }
                _ => {}
            }
        }
        statements.extend(self.attach_table(table));
        statements
    }

    /// A table without the sequences that belong to it, except those of identity columns; with row security.
    pub(in crate::catalog) fn new_table(&self, oid: Oid, table: &Table) -> Vec<String> {
        let sequences = self.identity_sequences(oid).into_iter();
        let rest = sequences.flat_map(|sequence| self.sequence_rest(sequence)).collect();
        let mut statements = self.with_sequences(oid, table, (Vec::new(), rest));
        let (on, forced) = table.row_security;
        statements.extend(on.then(|| row_security(table)));
        statements.extend(forced.then(|| force_row_security(table)));
        statements
    }

    fn with_sequences(
        &self,
        oid: Oid,
        table: &Table,
        (before, after): (Vec<String>, Vec<String>),
    ) -> Vec<String> {
        let object = format!("{} {}", word(table), table.name.quoted());
        let mut statements = match &table.relation {
            Relation::View { .. } | Relation::Materialized { .. } => vec![self.view(table)],
            Relation::Table { .. } | Relation::Foreign { .. } => self.create_table(oid, table),
        };
        statements.extend(before);
        if self.access {
            statements.push(self.owner(&object, &table.owner));
            let kind = ("TABLES", table.name.schema.as_str());
            statements.extend(self.granted(&self.table_grants(table), table.grants.as_ref(), kind));
        }
        statements.extend(after);
        statements.extend(comments(&object, table.comment.as_ref()));
        for column in table.columns.values() {
            statements.extend(self.column_rest(table, column));
        }
        for (name, constraint) in &table.constraints {
            if self.is_inline(oid, table, name, constraint) {
                statements.extend(self.constraint_comment(table, name, constraint));
                statements.extend(self.constraint_index(table, name));
            }
        }
        statements
    }

    pub(in crate::catalog) fn table_grants<'t>(&self, table: &'t Table) -> Grants<'t> {
        let all = if self.catalog.server >= 170_000 { "arwdDxtm" } else { "arwdDxt" };
        Grants {
            on: format!("TABLE {}", table.name.quoted()),
            column: None,
            owner: &table.owner,
            defaults: (all, ""),
        }
    }

    pub(in crate::catalog) fn shape(&self, table: &Table) -> Shape {
        if table.of_type.is_some() {
            return Shape::Typed;
        }
        let Some(partition) = partition(table) else { return Shape::Listed };
        // A generated column of a partition may have an expression of its own.
        let names = |table: &Table| -> Vec<(String, Option<String>)> {
            let columns = table.columns.values();
            let of = |column: &Column| (column.name.clone(), expression(column).cloned());
            columns.map(of).collect()
        };
        match self.catalog.tables.get(&partition.of) {
            Some(parent) if names(parent) == names(table) && !self.is_apart_from_parent(table) => {
                Shape::Partition
            }
            _ => Shape::Attached,
        }
    }

    /// Whether its definition is a part of CREATE TABLE.
    pub(in crate::catalog) fn is_listed(&self, table: &Table, column: &Column) -> bool {
        match self.shape(table) {
            Shape::Listed => !column.inherited,
            Shape::Attached => true,
            Shape::Partition | Shape::Typed => false,
        }
    }

    /// The column from which an unlisted column takes its definition.
    pub(in crate::catalog) fn above(&self, table: &Table, column: &Column) -> Option<&Column> {
        self.above_at(table, column).map(|(_, _, _, above)| above)
    }

    /// The same with its table and number.
    pub(in crate::catalog) fn above_at(
        &self,
        table: &Table,
        column: &Column,
    ) -> Option<(Oid, i16, &Table, &Column)> {
        let partition = partition(table).map(|partition| &partition.of);
        let mut parents = partition.into_iter().chain(&table.inherits);
        parents.find_map(|oid| {
            let parent = self.catalog.tables.get(oid)?;
            let (number, above) = parent.columns.iter().find(|(_, above)| above.name == column.name)?;
            Some((*oid, *number, parent, above))
        })
    }

    fn create_table(&self, oid: Oid, table: &Table) -> Vec<String> {
        let shape = self.shape(table);
        let mut elements: Vec<String> = Vec::new();
        for (number, column) in &table.columns {
            if self.is_listed(table, column) {
                elements.push(self.column(oid, *number, table, column));
            }
        }
        for (name, constraint) in &table.constraints {
            if self.is_inline(oid, table, name, constraint) {
                elements.push(format!("CONSTRAINT {} {}", quote::identifier(name), constraint.definition));
            }
        }
        let mut text = format!("CREATE {}{} {}", unlogged(table), word(table), table.name.quoted());
        if let (Shape::Typed, Some(of)) = (shape, &table.of_type) {
            text.push_str(&format!(" OF {of}"));
        }
        if let (Shape::Partition, Some(partition)) = (shape, partition(table)) {
            text.push_str(&format!(" PARTITION OF {}", self.name_of(partition.of)));
        }
        match elements.is_empty() {
            false => text.push_str(&format!(" (\n    {}\n)", elements.join(",\n    "))),
            true if shape == Shape::Listed || shape == Shape::Attached => text.push_str(" ()"),
            true => {}
        }
        text.push_str(&self.tail(table, shape));
        vec![text]
    }

    fn tail(&self, table: &Table, shape: Shape) -> String {
        let mut text = String::new();
        if !table.inherits.is_empty() {
            let parents: Vec<String> = table.inherits.iter().map(|parent| self.name_of(*parent)).collect();
            text.push_str(&format!("\nINHERITS ({})", parents.join(", ")));
        }
        if let (Shape::Partition, Some(partition)) = (shape, partition(table)) {
            text.push_str(&format!(" {}", partition.bound));
        }
        if let Relation::Table { partitioned_by: Some(key), .. } = &table.relation {
            text.push_str(&format!("\nPARTITION BY {key}"));
        }
        if let Some(method) = self.access_method(table, shape) {
            text.push_str(&format!("\nUSING {}", quote::identifier(method)));
        }
        if let Relation::Foreign { server, options, .. } = &table.relation {
            text.push_str(&format!("\nSERVER {}", quote::identifier(server)));
            if !options.is_empty() {
                text.push_str(&format!(" OPTIONS ({})", option_list(options)));
            }
        }
        text.push_str(&with(&table.options));
        if let Some(tablespace) = self.tablespace(table, shape) {
            text.push_str(&format!("\nTABLESPACE {}", quote::identifier(tablespace)));
        }
        text
    }

    /// Attaches a table that was created separately as a partition.
    fn attach_table(&self, table: &Table) -> Option<String> {
        let partition = partition(table).filter(|_| self.shape(table) == Shape::Attached)?;
        let (parent, bound) = (self.name_of(partition.of), &partition.bound);
        Some(format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {} {bound}", table.name.quoted()))
    }

    /// A partition takes the access method of its parent, if none is given.
    fn access_method<'t>(&self, table: &'t Table, shape: Shape) -> Option<&'t str> {
        let above = self.parent_of(table).filter(|_| shape == Shape::Partition);
        let other = above.is_some_and(|above| above.access_method.is_some());
        let divided = matches!(&table.relation, Relation::Table { partitioned_by: Some(_), .. });
        table.access_method.as_deref().or_else(|| (other && !divided).then_some("heap"))
    }

    /// A partition takes the tablespace of its parent, if none is given.
    fn tablespace<'t>(&self, table: &'t Table, shape: Shape) -> Option<&'t str> {
        let above = self.parent_of(table).filter(|_| shape == Shape::Partition);
        let other = above.is_some_and(|above| above.tablespace.is_some());
        table.tablespace.as_deref().or_else(|| other.then_some("pg_default"))
    }

    fn parent_of(&self, table: &Table) -> Option<&Table> {
        self.catalog.tables.get(&partition(table)?.of)
    }

    pub(in crate::catalog) fn name_of(&self, table: Oid) -> String {
        // A table that is not in the catalog was left out; its name is not known here.
        self.catalog
            .tables
            .get(&table)
            .map_or_else(|| format!("/* table {table} */"), |table| table.name.quoted())
    }

    /// The statements that come after everything else of a table.
    pub(in crate::catalog) fn finish(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        let mut statements: Vec<String> = table
            .indexes
            .iter()
            .filter(|(_, index)| index.clustered)
            .map(|(name, _)| cluster(table, Some(name)))
            .collect();
        statements.extend(table.replica_identity.as_ref().map(|_| replica_identity(table)));
        let (on, forced) = table.row_security;
        statements.extend(on.then(|| row_security(table)));
        statements.extend(forced.then(|| force_row_security(table)));
        statements
    }
}

pub(in crate::catalog) fn cluster(table: &Table, index: Option<&str>) -> String {
    match index {
        Some(index) => format!("{} CLUSTER ON {}", alter(table), quote::identifier(index)),
        None => format!("{} SET WITHOUT CLUSTER", alter(table)),
    }
}

pub(in crate::catalog) fn replica_identity(table: &Table) -> String {
    format!("{} REPLICA IDENTITY {}", alter(table), table.replica_identity.as_deref().unwrap_or("DEFAULT"))
}

pub(in crate::catalog) fn row_security(table: &Table) -> String {
    format!("{} {} ROW LEVEL SECURITY", alter(table), if table.row_security.0 { "ENABLE" } else { "DISABLE" })
}

pub(in crate::catalog) fn force_row_security(table: &Table) -> String {
    format!("{} {} ROW LEVEL SECURITY", alter(table), if table.row_security.1 { "FORCE" } else { "NO FORCE" })
}

pub(in crate::catalog) fn alter(table: &Table) -> String {
    format!("ALTER TABLE ONLY {}", table.name.quoted())
}

pub(in crate::catalog) fn partition(table: &Table) -> Option<&Partition> {
    match &table.relation {
        Relation::Table { partition, .. } | Relation::Foreign { partition, .. } => partition.as_ref(),
        _ => None,
    }
}

/// The expression of a generated column.
fn expression(column: &Column) -> Option<&String> {
    let generated = matches!(column.generation, Some(Generation::Stored | Generation::Virtual));
    column.default.as_ref().filter(|_| generated)
}

fn unlogged(table: &Table) -> &'static str {
    if table.unlogged { "UNLOGGED " } else { "" }
}

/// The word for it in CREATE, ALTER, COMMENT and DROP.
pub(in crate::catalog) fn word(table: &Table) -> &'static str {
    match table.relation {
        Relation::Table { .. } => "TABLE",
        Relation::Foreign { .. } => "FOREIGN TABLE",
        Relation::View { .. } => "VIEW",
        Relation::Materialized { .. } => "MATERIALIZED VIEW",
    }
}

/// `WITH (…)`, if there are parameters.
pub(crate) fn with(options: &[String]) -> String {
    if options.is_empty() {
        return String::new();
    }
    format!("\nWITH ({})", parameters(options))
}

/// `"name"='value'`, as storage parameters are written.
pub(in crate::catalog) fn parameters(options: &[String]) -> String {
    joined(options, |name, value| format!("{}={}", parameter(name), quote::literal(value)))
}

/// `"name"`, or `"toast"."name"`.
pub(in crate::catalog) fn parameter(name: &str) -> String {
    let parts: Vec<String> = name.split('.').map(quote::identifier).collect();
    parts.join(".")
}

/// `"name" 'value'`, as the options of foreign objects are written.
pub(in crate::catalog) fn option_list(options: &[String]) -> String {
    joined(options, |name, value| format!("{} {}", quote::identifier(name), quote::literal(value)))
}

/// `SET`, `ADD` and `DROP`, as ALTER … OPTIONS takes them.
pub(in crate::catalog) fn changed_options(wanted: &[String], now: &[String]) -> String {
    let split = |options: &[String]| -> Vec<(String, String)> {
        let pairs = options.iter().map(|option| option.split_once('=').unwrap_or((option, "")));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let changes = pairs(split(wanted), split(now)).into_iter().filter_map(|(name, pair)| match pair {
        (Some(before), Some(after)) if before == after => None,
        (Some(before), Some(_)) => Some(format!("SET {}", option_list(&[format!("{name}={before}")]))),
        (Some(before), None) => Some(format!("ADD {}", option_list(&[format!("{name}={before}")]))),
        (None, _) => Some(format!("DROP {}", quote::identifier(&name))),
    });
    changes.collect::<Vec<_>>().join(", ")
}

fn joined(options: &[String], one: impl Fn(&str, &str) -> String) -> String {
    let pairs = options.iter().map(|option| option.split_once('=').unwrap_or((option, "")));
    let texts: Vec<String> = pairs.map(|(name, value)| one(name, value)).collect();
    texts.join(", ")
}
