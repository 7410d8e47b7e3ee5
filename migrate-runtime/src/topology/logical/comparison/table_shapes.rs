use std::collections::{BTreeMap, BTreeSet};

use embed_migrate_core::{Class, Error, ErrorKind, Result, Step, quote};

use crate::pipeline::patch_failure::place_at;
use crate::topology::logical::logical_replication::LogicalReplication;
use crate::topology::logical::side_connection::TextRow;
use crate::topology::logical::subscriber_gate::SubscriberGate;

/// The published tables that the publisher's open transaction changed, and of which publications they are. A table that it
/// changed it has locked, even if a function did it.
const CHANGED: &str = "SELECT p.pubname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_relation_size(c.oid) > 0 \
    FROM pg_publication_tables AS p JOIN pg_namespace AS n ON n.nspname = p.schemaname \
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = p.tablename \
    WHERE p.pubname IN ({publications}) AND n.nspname <> {own} AND (c.oid IN (SELECT l.relation FROM pg_locks AS l \
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')) \
    OR EXISTS (SELECT FROM pg_attribute AS a JOIN pg_enum AS e ON e.enumtypid = a.atttypid \
    WHERE a.attrelid = c.oid AND age(e.xmin) <= age(pg_current_xact_id()::xid))) ORDER BY 2, 1";

const SHAPE: &str = include_str!("shape.sql");

/// What a patch changed of what subscribers take.
#[derive(Default)]
pub(in crate::topology::logical) struct ChangedTables {
    /// The tables, by node.
    nodes: Vec<BTreeSet<String>>,
    /// Those that hold rows and are of a publication that is not held back.
    loose: BTreeSet<String>,
}

/// What tables are like: by table and what of it, how that is, and its name if it is a constraint or an index.
type TableShapes = BTreeMap<(String, String), (String, String)>;

/// What two nodes do not have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    table: String,
    what: String,
    here: Option<(String, String)>,
    there: Option<(String, String)>,
}

impl ChangedTables {
    pub(in crate::topology::logical) fn has(&self, node: usize, table: &str) -> bool {
        self.nodes.get(node).is_some_and(|tables| tables.contains(table))
    }
}

impl LogicalReplication<'_> {
    /// Looks which published tables the publisher's open transaction changed.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(in crate::topology::logical) async fn taken(
        &self,
        step: &Step<'_>,
        gate: &SubscriberGate,
    ) -> Result<ChangedTables> {
        let publications = self.publications();
        if publications.is_empty() {
            return Ok(ChangedTables::default());
        }
        let sql = CHANGED
            .replace("{publications}", &publications)
            .replace("{own}", &quote::literal(&self.publisher.context.schema.name));
        let changed = self.node_set.origin.ask(step, &sql).await?;
        let tables = |names: &BTreeSet<&String>| {
            let rows = changed.iter().filter(|row| names.iter().any(|name| *name == row.text(0)));
            rows.map(|row| row.text(1).to_owned()).collect()
        };
        let nodes = self.subscribed.iter();
        let nodes = nodes.map(|node| tables(&node.iter().flat_map(|it| &it.publications).collect()));
        let loose = changed.iter().filter(|row| row.is(2) && gate.open.contains(row.text(0)));
        Ok(ChangedTables { nodes: nodes.collect(), loose: loose.map(|row| row.text(1).to_owned()).collect() })
    }

    /// Refuses a patch after which the publisher's rows would not fit a subscriber's tables, though they did before: if
    /// a function changed them that a SELECT called, for that runs on the publisher only; or if the same statement
    /// does something else on the node.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with what differs.
    pub(in crate::topology::logical) async fn check_table_shapes(
        &self,
        step: &Step<'_>,
        taken: &ChangedTables,
        parked: &[bool],
    ) -> Result<()> {
        let names: BTreeSet<_> = taken.nodes.iter().flatten().collect();
        if names.is_empty() {
            return Ok(());
        }
        let sql = question(&names, PRINTED);
        let here = shape(&self.node_set.origin.ask(step, &sql).await?);
        self.filled(step, taken, &question(&names, NAMED)).await?;
        let nodes = self.node_set.nodes.iter().zip(&self.nodes).zip(&taken.nodes);
        for (((member, side), tables), _) in nodes.zip(parked).filter(|(_, parked)| **parked) {
            let wanted = |shape: &TableShapes| -> TableShapes {
                let of_node = shape.iter().filter(|((table, _), _)| tables.contains(table));
                of_node.map(|(what, how)| (what.clone(), how.clone())).collect()
            };
            let there = shape(&member.ask(step, &sql).await?);
            let mut found = differences(&wanted(&here), &wanted(&there));
            if found.is_empty() {
                continue;
            }
            // What differed before is meant: a subscriber may have other indexes, say.
            let doing = "comparing the tables of two nodes";
            let sql = question(&names, NAMED);
            let here = wanted(&shape(&self.publisher.ask(doing, &sql).await?));
            let there = wanted(&shape(&side.ask(doing, &sql).await?));
            let before = differences(&here, &there);
            found.retain(|it| it.is_new(&here, &there).unwrap_or_else(|| !before.contains(it)));
            if !found.is_empty() {
                return Err(unlike(step, &member.name, &found));
            }
        }
        Ok(())
    }

    /// Refuses a new table with rows if nothing keeps them from a subscriber that does not have the table yet.
    async fn filled(&self, step: &Step<'_>, taken: &ChangedTables, sql: &str) -> Result<()> {
        if taken.loose.is_empty() {
            return Ok(());
        }
        let before = shape(&self.publisher.ask("looking at the tables that a patch changes", sql).await?);
        let is_new = |table: &&String| !before.keys().any(|(name, _)| name == *table);
        let Some(table) = taken.loose.iter().find(is_new) else { return Ok(()) };
        let message = format!(
            "the new table {table} is published and filled by one patch, and its rows could arrive at a subscriber before the table exists"
        );
        Err(Error::new(ErrorKind::Unsupported, message)
            .at(place_at(step, 0))
            .note("the run makes subscribers wait by changing the publication, which another role owns")
            .help("fill the table in a later patch, or make the role of the patches the owner of the publication"))
    }
}

/// How constraints and indexes are described: as the server prints them, for which it locks the table, or by name.
const PRINTED: [&str; 2] = [
    "pg_catalog.pg_get_constraintdef(k.oid)",
    "'unique index' || pg_catalog.substring(pg_catalog.pg_get_indexdef(i.indexrelid), ' USING .*$')",
];
const NAMED: [&str; 2] = ["'named ' || k.conname", "'named ' || x.relname"];

fn question(names: &BTreeSet<&String>, [constraint, index]: [&str; 2]) -> String {
    let names: Vec<_> = names.iter().map(|name| quote::literal(name)).collect();
    let sql = SHAPE.replace("{constraint}", constraint).replace("{index}", index);
    sql.replace("{names}", &names.join(", "))
}

impl Difference {
    /// Whether a constraint or an index was added to one of two nodes or taken from the other one, which had these names
    /// before; `None` if it is neither.
    fn is_new(&self, here: &TableShapes, there: &TableShapes) -> Option<bool> {
        let (present, has, lacks) = match (&self.here, &self.there) {
            (Some(present), None) => (present, here, there),
            (None, Some(present)) => (present, there, here),
            _ => return None,
        };
        let (_, name) = present;
        let key = (self.table.clone(), format!("named {name}"));
        (!name.is_empty()).then(|| lacks.contains_key(&key) || !has.contains_key(&key))
    }
}

fn shape(rows: &[TextRow]) -> TableShapes {
    rows.iter()
        .map(|row| {
            let cell = |column| row.text(column).to_owned();
            ((cell(0), cell(1)), (cell(2), cell(3)))
        })
        .collect()
}

fn differences(here: &TableShapes, there: &TableShapes) -> BTreeSet<Difference> {
    let whole = |table: &str| (table.to_owned(), "table".to_owned());
    let keys: BTreeSet<_> = here.keys().chain(there.keys()).collect();
    let how = |shape: &TableShapes, key| shape.get(key).map(|(how, _)| how.clone());
    let differ = keys.into_iter().filter(|key| how(here, key) != how(there, key));
    let found = differ.filter(|(table, what)| {
        // Of a table that one of them does not have, nothing more can be reported.
        what == "table" || here.contains_key(&whole(table)) && there.contains_key(&whole(table))
    });
    let found = found.filter(|(table, _)| here.contains_key(&whole(table)));
    found
        .map(|key| Difference {
            table: key.0.clone(),
            what: key.1.clone(),
            here: here.get(key).cloned(),
            there: there.get(key).cloned(),
        })
        .collect()
}

fn unlike(step: &Step<'_>, node: &str, found: &BTreeSet<Difference>) -> Error {
    const SHOWN: usize = 10;
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    let message = format!(
        "the publisher's rows would not fit the tables of node `{node}` after patch `{version}` of `{bundle}`"
    );
    let describe = |how: &Option<(String, String)>| match how.as_ref().map(|(how, _)| how.as_str()) {
        None => "not there".to_owned(),
        Some("there") => "there".to_owned(),
        Some(how) => format!("`{how}`"),
    };
    let note = |Difference { table, what, here, there }: &Difference| {
        format!("{what} of {table}: {} on the publisher, {} on the node", describe(here), describe(there))
            .replacen("table of ", "", 1)
    };
    let rest = found.len().saturating_sub(SHOWN);
    let rest = (rest > 0).then(|| format!("and {rest} more differences"));
    let mut statements = step.patch.outline().statements();
    let asks = statements.find(|it| it.class == Class::Rows && it.target.is_empty());
    let error = Error::new(ErrorKind::Unsupported, message)
        .at(place_at(step, asks.map_or(0, |statement| statement.range.start)));
    found.iter().take(SHOWN).map(note).chain(rest).fold(error, Error::note).help(
        "a function that a SELECT calls runs on the publisher only: write what it does to tables as statements of their own, \
         which run on every node",
    )
}
