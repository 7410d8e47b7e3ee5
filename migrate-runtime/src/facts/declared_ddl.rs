use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use embed_migrate_core::catalog::{Catalog, Namespace};
use embed_migrate_core::diff::{Answer, ChangeAction, FactProgress, PlannedChange, Planner, Question};
use embed_migrate_core::facts::{Claim, Fact, LinkFact, mangle};
use embed_migrate_core::{Error, ErrorKind, Result, quote};

use super::nested_facts::walk;

/// The SQL that makes the tables which facts declare, or one of them, in an empty database; none is asked for it.
///
/// With a table come its enum types, constraints, links, indexes, checks and comments; with all tables, the schemas.
/// Extensions, views, functions, triggers, grants, rows and the facts' own SQL are left out, and so is the default of a
/// link, the id of a row. A comment lists them; with one table, only those that may create a type. A table is named as `study` or `app.study`; `schema` is where those
/// without a schema live.
///
/// ```
/// let facts = embed_migrate_core::facts::parse("deploy.yaml", "{ table: study, with: [{ column: code, type: text }] }")?;
/// let sql = embed_migrate_runtime::declared(&facts, "public", Some("study"))?;
/// assert!(sql.starts_with("CREATE TABLE \"public\".\"study\" ("), "{sql}");
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
///
/// # Errors
///
/// `Missing` if the facts declare no such table, or none at all; those of facts that contradict each other.
pub fn declared(facts: &[Fact], schema: &str, table: Option<&str>) -> Result<String> {
    let changes = planned(facts, schema)?;
    // Notes for later deployments, which the server computes, say nothing about a table.
    let is_note =
        |change: &PlannedChange| change.action == ChangeAction::Comment && change.sql.starts_with("DO ");
    let of = |change: &&PlannedChange| {
        let is_schema = table.is_none() && change.fact == SCHEMA;
        !is_note(change) && (is_schema || change.table().is_some_and(|of| is_named(&of, schema, table)))
    };
    let mut lines: Vec<String> = changes.iter().filter(of).map(|change| format!("{};", change.sql)).collect();
    if lines.is_empty() {
        return Err(undeclared(&changes, table));
    }
    let links = walk(facts).into_iter().filter_map(|visited| with_default(visited.fact));
    lines.extend(links.filter_map(|link| left_out(link, schema, table)));
    lines.extend(others(facts, table.is_none()));
    Ok(lines.join("\n"))
}

/// The kind of the facts that make schemas.
const SCHEMA: &str = "schema";

/// The comments about other facts, by kind with their places; if one table is asked for, about those that may create a type of its
/// columns.
fn others(facts: &[Fact], all: bool) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Fact { claim, place, .. } in walk(facts).iter().map(|visited| visited.fact) {
        let is_told = match claim {
            Claim::Extension(_) | Claim::Sql(_) => true,
            Claim::Include(_) => false,
            claim => all && !is_of_table(claim),
        };
        if is_told {
            kinds.entry(claim.kind()).or_default().push(format!("{}:{}", place.path(), place.line()));
        }
    }
    let describe = |(kind, places): (&str, Vec<String>)| {
        let more = match places.len().checked_sub(MOST_PLACES) {
            None | Some(0) => String::new(),
            Some(more) => format!(" and {more} more"),
        };
        let shown: Vec<_> = places.into_iter().take(MOST_PLACES).collect();
        format!("-- Left out: {kind} ({}{more})", shown.join(", ").replace('\n', " "))
    };
    kinds.into_iter().map(describe).collect()
}

/// How many places of a kind are named.
const MOST_PLACES: usize = 5;

/// The link whose default is the id of a row.
fn with_default(fact: &Fact) -> Option<&LinkFact> {
    match &fact.claim {
        Claim::Link(link) if link.present && link.default.is_some() => Some(link),
        _ => None,
    }
}

/// What is said of a link's default, if its table is asked for.
fn left_out(link: &LinkFact, schema: &str, table: Option<&str>) -> Option<String> {
    let own = link.of.schema.as_deref().unwrap_or(schema);
    let (of, column) = (mangle(&[&link.of.label], None), mangle(&[&link.label], Some("id")));
    is_named(&format!("{own}.{of}"), schema, table).then(|| {
        let names = [own, &of, &column].map(quote::identifier).join(".");
        format!(
            "-- The default of {} is the id of a row: only a database tells it.",
            names.replace('\n', " ")
        )
    })
}

/// The fact without the parts that only a database knows.
fn without_row(fact: &Fact) -> Cow<'_, Fact> {
    match with_default(fact) {
        Some(link) => Cow::Owned(Fact {
            claim: Claim::Link(LinkFact { default: None, ..link.clone() }),
            ..fact.clone()
        }),
        None => Cow::Borrowed(fact),
    }
}

/// The changes that make an empty database what the facts say of tables.
fn planned(facts: &[Fact], schema: &str) -> Result<Vec<PlannedChange>> {
    let mut catalog = Catalog::default();
    catalog.namespaces.insert(schema.to_owned(), Namespace::default());
    let mut planner = Planner::new(catalog, schema, facts);
    let mut changes = Vec::new();
    for visited in walk(facts) {
        if !is_of_table(&visited.fact.claim) {
            continue;
        }
        let (mut asked, fact) = (HashSet::new(), without_row(visited.fact));
        while let FactProgress::Ask(question) =
            planner.apply(&fact).map_err(|error| visited.explain("reading", error))?
        {
            changes.extend(planner.take_changes());
            if question != Question::MakeFirst && !asked.insert(question.clone()) {
                let clause = "the effect of this fact is not known without a database";
                return Err(Error::new(ErrorKind::Unsupported, clause).at(visited.fact.place.clone()));
            }
            planner.answer(question, Answer::Unknown);
        }
    }
    changes.extend(planner.take_changes());
    changes.extend(planner.take_after());
    Ok(changes)
}

fn is_of_table(claim: &Claim) -> bool {
    match claim {
        Claim::Schema(_) | Claim::Table(_) | Claim::Column(_) | Claim::Link(_) | Claim::Identity(_) => true,
        Claim::Index(_) | Claim::Check(_) | Claim::Key(_) | Claim::ForeignKey(_) | Claim::Exclude(_) => true,
        Claim::Policy(_) | Claim::Partition(_) => true,
        // A RexDB expression is in the table's comment; an SQL expression is a function.
        Claim::Alias(alias) => alias.sql.is_none(),
        Claim::Extension(_) | Claim::View(_) | Claim::Function(_) | Claim::Trigger(_) => false,
        Claim::Grant(_) | Claim::Data(_) | Claim::Sql(_) | Claim::Include(_) => false,
    }
}

fn is_named(of: &str, schema: &str, table: Option<&str>) -> bool {
    table.is_none_or(|table| {
        of == table || of.strip_prefix(schema).and_then(|of| of.strip_prefix('.')) == Some(table)
    })
}

fn undeclared(changes: &[PlannedChange], table: Option<&str>) -> Error {
    let Some(table) = table else {
        return Error::new(ErrorKind::Missing, "the facts declare no table");
    };
    let tables: BTreeSet<String> = changes.iter().filter_map(PlannedChange::table).collect();
    let names: Vec<String> = tables.iter().map(|name| format!("`{name}`")).collect();
    let error = Error::new(ErrorKind::Missing, format!("the facts declare no table `{table}`"));
    match names.is_empty() {
        true => error.help("declare it in deploy.yaml: `- table: …`"),
        false => error.help(format!("they declare {}", names.join(", "))),
    }
}
