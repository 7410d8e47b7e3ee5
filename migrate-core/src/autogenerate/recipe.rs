use super::patch_draft::{PatchDraft, PatchPurpose};
use super::placeholder::placeholder;
use super::printed::{AlterTable, index_name, named};
use super::split_context::{SplitContext, table_of, with_default};
use crate::catalog::{Catalog, Column, ConstraintKind, Oid, Table};
use crate::error::Error;
use crate::sql::LintRule;
use crate::text::quote;

/// What takes the place of a statement, by the patch that it goes into.
#[derive(Debug, Default)]
pub(super) struct Recipe {
    pub(super) expand: Vec<String>,
    pub(super) fill: Vec<PatchDraft>,
    pub(super) online: Vec<String>,
    pub(super) contract: Vec<String>,
    /// Words of statements that have to wait for `online`.
    awaited: Vec<String>,
}

impl Recipe {
    /// Whether a statement needs what is only there after `online`.
    pub(super) fn is_awaited_by(&self, statement: &str) -> bool {
        self.awaited.iter().any(|word| statement.contains(word))
    }

    pub(super) fn extend(&mut self, other: Recipe) {
        self.expand.extend(other.expand);
        self.fill.extend(other.fill);
        self.online.extend(other.online);
        self.contract.extend(other.contract);
        self.awaited.extend(other.awaited);
    }

    fn online(statements: impl Into<Vec<String>>) -> Recipe {
        Recipe { online: statements.into(), ..Recipe::default() }
    }

    fn awaited(mut self, name: &str) -> Recipe {
        self.awaited.extend([format!(" {name}"), format!(".{name}")]);
        self
    }
}

/// The safe way for a statement in which the lint found hazards; `None` where there is none. `next` is the statement after
/// it of the same object: an index that takes the dropped one's place.
pub(super) fn recipe(
    context: SplitContext<'_>,
    statement: &str,
    next: Option<&String>,
    hazards: &[(LintRule, Error)],
) -> Option<Recipe> {
    let has = |rule: LintRule| hazards.iter().any(|(found, _)| *found == rule);
    let [(rule, _)] = hazards else {
        // A number for each row, and nothing that gives it: one recipe serves both.
        let column =
            [LintRule::SerialColumn, LintRule::VolatileDefault].into_iter().find(|rule| has(*rule))?;
        return new_column(context, statement, column);
    };
    match rule {
        LintRule::IndexNotConcurrent => {
            Some(Recipe::online([concurrently(statement)?]).awaited(index_name(statement)?))
        }
        LintRule::DropIndexNotConcurrent => Some(Recipe::online([concurrently(statement)?])),
        LintRule::CheckAtOnce | LintRule::ForeignKeyAtOnce => in_two(statement, next),
        LintRule::UniqueAtOnce => by_index(context.to, statement),
        LintRule::SetNotNull => proven(statement),
        LintRule::RequiredColumn | LintRule::VolatileDefault | LintRule::SerialColumn => {
            new_column(context, statement, *rule)
        }
        _ => None,
    }
}

/// The same statement on an index, while others write.
pub(super) fn concurrently(statement: &str) -> Option<String> {
    const WORDS: [&str; 3] = ["CREATE UNIQUE INDEX ", "CREATE INDEX ", "DROP INDEX "];
    let word = WORDS.into_iter().find(|word| statement.starts_with(word))?;
    Some(format!("{word}CONCURRENTLY {}", statement.get(word.len()..)?))
}

/// Added without a look at the rows, and validated.
fn in_two(statement: &str, _next: Option<&String>) -> Option<Recipe> {
    let alter = AlterTable::of(statement)?;
    let (name, _) = alter.added_constraint()?;
    let add = format!("{statement} NOT VALID");
    let validate = format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", alter.table);
    Some(Recipe::online([add, validate]).awaited(name))
}

/// The index first, and the constraint by it.
fn by_index(to: &Catalog, statement: &str) -> Option<Recipe> {
    let alter = AlterTable::of(statement)?;
    let (written, _) = alter.added_constraint()?;
    let (_, table) = table_of(to, &alter)?;
    let name = named(written)?;
    let (index, constraint) = (table.indexes.get(&name)?, table.constraints.get(&name)?);
    let word = match constraint.kind {
        ConstraintKind::Primary => "PRIMARY KEY",
        ConstraintKind::Unique => "UNIQUE",
        _ => return None,
    };
    let ending = match constraint.deferrable {
        (true, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        _ => "",
    };
    let add = format!("{} ADD CONSTRAINT {written} {word} USING INDEX {written}{ending}", alter.head);
    let recipe = Recipe::online([concurrently(&index.definition)?, add]).awaited(written);
    // Foreign keys name the table, as the server prints it and as we do.
    let references = [format!("REFERENCES {}(", table.name), format!("REFERENCES {}(", alter.table)];
    Some(Recipe { awaited: recipe.awaited.into_iter().chain(references).collect(), ..recipe })
}

/// NOT NULL, which a check proves.
fn proven(statement: &str) -> Option<Recipe> {
    let alter = AlterTable::of(statement)?;
    let column = alter.required_column()?;
    let recipe = Recipe::online(not_null(&alter, column)?);
    Some(Recipe { awaited: vec![format!("{} ALTER COLUMN {column} ADD GENERATED", alter.head)], ..recipe })
}

fn not_null(alter: &AlterTable<'_>, column: &str) -> Option<[String; 4]> {
    let head = alter.head;
    let (_, table) = alter.table.rsplit_once(".\"").unwrap_or(("", alter.table));
    let name: String = format!("{}_{}", table.trim_matches('"'), named(column)?).chars().take(40).collect();
    let check = quote::identifier(&format!("{name}_not_null"));
    Some([
        format!("{head} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),
        format!("ALTER TABLE {} VALIDATE CONSTRAINT {check}", alter.table),
        format!("{head} ALTER COLUMN {column} SET NOT NULL"),
        format!("{head} DROP CONSTRAINT {check}"),
    ])
}

/// A column for a table that has rows.
fn new_column(context: SplitContext<'_>, statement: &str, rule: LintRule) -> Option<Recipe> {
    let alter = AlterTable::of(statement)?;
    let name = alter.added_column()?;
    let (oid, table) = table_of(context.to, &alter)?;
    let (number, column) = table.columns.iter().find(|(_, column)| column.name == name)?;
    let new = NewColumn { context, alter, oid, number: *number, table, column };
    match rule {
        LintRule::RequiredColumn => new.required(statement),
        LintRule::VolatileDefault => new.computed(),
        LintRule::SerialColumn => new.counted(),
        _ => None,
    }
}

struct NewColumn<'a> {
    context: SplitContext<'a>,
    alter: AlterTable<'a>,
    oid: Oid,
    number: i16,
    table: &'a Table,
    column: &'a Column,
}

impl NewColumn<'_> {
    /// The same value for all rows costs nothing.
    fn required(&self, statement: &str) -> Option<Recipe> {
        let value = placeholder(self.context.to, self.column)?;
        let [add, drop] = with_default(&self.alter, self.column, statement, &value);
        Some(Recipe { expand: vec![add], contract: vec![drop], ..Recipe::default() })
    }

    /// New rows have the default first, and the others are filled in batches.
    fn computed(&self) -> Option<Recipe> {
        let default = self.column.default.as_ref()?;
        Some(self.filled(format!("SET DEFAULT {default}"), Vec::new(), Vec::new()))
    }

    /// The same with a sequence of its own, which the identity takes the place of.
    fn counted(&self) -> Option<Recipe> {
        let ddl = self.context.to.ddl();
        let identity = ddl.identity_of(self.oid, self.number, self.table, self.column);
        let sequence = format!("{}_{}_fill", self.table.name.name, self.column.name);
        let sequence: String = sequence.chars().take(60).collect();
        let sequence =
            format!("{}.{}", quote::identifier(&self.table.name.schema), quote::identifier(&sequence));
        let (head, name) = (self.alter.head, quote::identifier(&self.column.name));
        let text = quote::literal(&sequence);
        let own = format!(
            "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), pg_catalog.nextval({text}))",
            quote::literal(self.alter.table),
            quote::literal(&self.column.name),
        );
        let contract = vec![
            format!("{head} ALTER COLUMN {name} DROP DEFAULT"),
            format!("{head} ALTER COLUMN {name} ADD{identity}"),
            own,
            format!("DROP SEQUENCE {sequence}"),
        ];
        let before = vec![format!("CREATE SEQUENCE {sequence}")];
        Some(self.filled(format!("SET DEFAULT pg_catalog.nextval({text})"), before, contract))
    }

    fn filled(&self, default: String, before: Vec<String>, contract: Vec<String>) -> Recipe {
        let (head, name) = (self.alter.head, quote::identifier(&self.column.name));
        let bare = Column { required: false, default: None, generation: None, ..self.column.clone() };
        let definition = self.context.to.ddl().column(self.oid, self.number, self.table, &bare);
        let mut expand = before;
        expand.push(format!("{head} ADD COLUMN {definition}"));
        expand.push(format!("{head} ALTER COLUMN {name} {default}"));
        let update = format!("UPDATE {} SET {name} = DEFAULT WHERE {name} IS NULL", self.alter.table);
        let fill =
            PatchDraft { batch: self.batch_key(), ..PatchDraft::new(PatchPurpose::Fill, vec![update]) };
        let online = if self.column.required { not_null(&self.alter, &name).map(Vec::from) } else { None };
        let recipe = Recipe {
            expand,
            fill: vec![fill],
            online: online.unwrap_or_default(),
            contract,
            awaited: Vec::new(),
        };
        // What needs the values comes after them.
        recipe.awaited(&name)
    }

    /// A key of one column that is there already.
    fn batch_key(&self) -> Option<String> {
        let (_, table) = table_of(self.context.from, &self.alter)?;
        let keys = table.constraints.values().filter(|it| matches!(it.kind, ConstraintKind::Primary));
        let mut keys = keys.filter(|key| key.columns.len() == 1).filter_map(|key| key.columns.first());
        Some(table.columns.get(keys.next()?)?.name.clone())
    }
}
