use super::operations::PlannedOperation;
use super::patch_draft::{PatchDraft, PatchPurpose};
use super::placeholder::placeholder;
use super::printed::AlterTable;
use super::recipe::{Recipe, concurrently, recipe};
use super::split_context::{SplitContext, table_of, with_default};
use crate::catalog::{Catalog, Relation};
use crate::error::Error;

/// Puts operations into patches that hold no lock for long: first what older binaries can work with, then what takes long
/// while others read and write, and last what is taken away.
///
/// # Errors
///
/// `Hazard`: each statement for which there is no safe way.
pub fn split(context: SplitContext<'_>, operations: &[PlannedOperation]) -> Result<Vec<PatchDraft>, Error> {
    let mut splitter =
        Splitter { context, parts: Recipe::default(), labels: Vec::new(), problems: Vec::new() };
    operations.iter().for_each(|operation| splitter.operation(operation));
    match Error::all(std::mem::take(&mut splitter.problems)) {
        Some(error) => Err(error),
        None => Ok(splitter.drafts()),
    }
}

/// All operations in one patch, and labels of enums before it.
pub fn plain(context: SplitContext<'_>, operations: &[PlannedOperation]) -> Vec<PatchDraft> {
    let (mut labels, mut statements) = (Vec::new(), Vec::new());
    for statement in operations.iter().flat_map(|operation| &operation.statements) {
        match is_label(statement) {
            true => labels.push(statement.clone()),
            false => statements.extend(with_placeholder(context.to, context.from, statement)),
        }
    }
    let allowed = context.lint.rules(&statements);
    let plain = draft(PatchPurpose::Plain, statements).map(|draft| PatchDraft { allowed, ..draft });
    draft(PatchPurpose::Labels, labels).into_iter().chain(plain).collect()
}

/// The statements that lead back, for a patch of that purpose.
pub fn way_back(
    from: &Catalog,
    to: &Catalog,
    operations: &[PlannedOperation],
    purpose: PatchPurpose,
) -> Vec<String> {
    let statements = operations.iter().flat_map(|operation| &operation.statements);
    let statements = statements.flat_map(|statement| with_placeholder(to, from, statement));
    match purpose.kind() {
        crate::patch::Kind::Concurrent => statements.map(|it| concurrently(&it).unwrap_or(it)).collect(),
        _ => statements.collect(),
    }
}

/// A required column without a default gets one for the rows that are there.
fn with_placeholder(to: &Catalog, from: &Catalog, statement: &str) -> Vec<String> {
    let required = || {
        let alter = AlterTable::of(statement)?;
        let (_, table) = table_of(from, &alter).map(|_| ()).and_then(|()| table_of(to, &alter))?;
        let name = alter.added_column()?;
        let column = table.columns.values().find(|column| column.name == name)?;
        let lacks = column.required && column.default.is_none() && column.generation.is_none();
        let value = placeholder(to, column).filter(|_| lacks)?;
        Some(with_default(&alter, column, statement, &value))
    };
    required().map_or_else(|| vec![statement.to_owned()], Vec::from)
}

fn draft(purpose: PatchPurpose, statements: Vec<String>) -> Option<PatchDraft> {
    (!statements.is_empty()).then(|| PatchDraft::new(purpose, statements))
}

fn is_label(statement: &str) -> bool {
    statement.starts_with("ALTER TYPE ") && statement.contains(" ADD VALUE ")
}

struct Splitter<'a> {
    context: SplitContext<'a>,
    parts: Recipe,
    labels: Vec<String>,
    problems: Vec<Error>,
}

/// What is taken away last: older binaries may use it.
const TAKEN_AWAY: [&str; 12] = [
    "table",
    "view",
    "materialized view",
    "foreign table",
    "column",
    "function",
    "procedure",
    "aggregate",
    "type",
    "domain",
    "sequence",
    "schema",
];

impl Splitter<'_> {
    fn operation(&mut self, operation: &PlannedOperation) {
        if operation.drops && TAKEN_AWAY.contains(&operation.object.kind.as_str()) {
            return self.parts.contract.extend(operation.statements.iter().cloned());
        }
        let is_used = self.is_used(operation);
        for (at, statement) in operation.statements.iter().enumerate() {
            let next = operation.statements.get(at + 1);
            self.statement(statement, next.filter(|_| is_used), is_used);
        }
    }

    /// Whether it is about a table that is there already.
    fn is_used(&self, operation: &PlannedOperation) -> bool {
        let name = &operation.object.name;
        let mut tables = self.context.from.tables.values();
        tables.any(|table| {
            let of = table.name.to_string();
            matches!(table.relation, Relation::Table { .. } | Relation::Materialized { .. })
                && (*name == of || name.strip_prefix(&of).is_some_and(|part| part.starts_with('.')))
        })
    }

    fn statement(&mut self, statement: &str, next: Option<&String>, is_used: bool) {
        if is_label(statement) {
            return self.labels.push(statement.to_owned());
        }
        let waits = self.parts.is_awaited_by(statement);
        let hazards = if is_used { self.context.lint.hazards(statement) } else { Vec::new() };
        if hazards.is_empty() {
            let part = if waits { &mut self.parts.online } else { &mut self.parts.expand };
            return part.push(statement.to_owned());
        }
        match recipe(self.context, statement, next, &hazards) {
            Some(recipe) => self.parts.extend(recipe),
            None => {
                self.problems.extend(hazards.into_iter().map(|(_, error)| without_recipe(statement, error)))
            }
        }
    }

    fn drafts(self) -> Vec<PatchDraft> {
        let Recipe { mut expand, fill, online, contract, .. } = self.parts;
        let rest =
            || expand.iter().chain(&online).chain(&contract).chain(fill.iter().flat_map(|it| &it.statements));
        let is_used = |label: &String| {
            let word = label.split(" ADD VALUE ").nth(1).and_then(|rest| rest.split(" BEFORE ").next());
            let word = word.and_then(|rest| rest.split(" AFTER ").next()).map(str::trim);
            rest().any(|statement| word.is_some_and(|word| statement.contains(word)))
        };
        let (used, others): (Vec<_>, Vec<_>) = self.labels.into_iter().partition(is_used);
        expand.splice(0..0, others);
        let first = [(PatchPurpose::Labels, used), (PatchPurpose::Expand, expand)];
        let last = [(PatchPurpose::Online, online), (PatchPurpose::Contract, contract)];
        let drafts = |parts: [(PatchPurpose, Vec<String>); 2]| {
            parts.into_iter().filter_map(|(purpose, statements)| draft(purpose, statements))
        };
        drafts(first).chain(fill).chain(drafts(last)).collect()
    }
}

fn without_recipe(statement: &str, hazard: Error) -> Error {
    let error = Error::new(hazard.kind(), hazard.message().to_owned()).note(statement.to_owned());
    error.help("there is no way to do this while others use the table: `--plain` writes it as it is, with an `allow`")
}
