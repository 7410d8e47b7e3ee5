use squawk_parser::SyntaxKind as K;

use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::lint::Lint;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// What constraints cost that an action adds, by themselves or with a column.
pub(in crate::sql::lint) fn added(table: &ObjectName, action: Node<'_>) -> Vec<LintHazard> {
    let kind = action.kind();
    if kind != K::ADD_CONSTRAINT && kind != K::ADD_COLUMN {
        return Vec::new();
    }
    let column = new_column(action).filter(|_| kind == K::ADD_COLUMN);
    // A new column without a default is null in all rows, and nothing is looked up.
    let filled = action.child(K::DEFAULT_CONSTRAINT).is_some();
    let constraints = action.children().map(|node| AddedConstraint { table, column: column.clone(), node });
    constraints.filter_map(|constraint| constraint.hazard(filled)).collect()
}

/// A new column, and what it is without its constraints.
#[derive(Clone)]
struct NewColumn {
    name: ObjectName,
    definition: String,
}

fn new_column(action: Node<'_>) -> Option<NewColumn> {
    let mut nodes = action.children().filter(|child| !child.is_token() && child.kind() != K::IF_NOT_EXISTS);
    let name = nodes.next().and_then(ObjectName::of)?;
    let kind = nodes.next()?.text().to_owned();
    let kept = [K::DEFAULT_CONSTRAINT, K::NOT_NULL_CONSTRAINT, K::COLLATE];
    let kept = nodes.filter(|node| kept.contains(&node.kind()));
    let definition = kept.fold(kind, |definition, node| format!("{definition} {}", node.text()));
    Some(NewColumn { name, definition })
}

/// Rows that are read under a lock that the patch took before.
pub(in crate::sql::lint) fn validated(
    lint: &Lint<'_>,
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let name = action.find(K::CONSTRAINT_NAME_REF).filter(|_| action.kind() == K::VALIDATE_CONSTRAINT);
    let name = name.and_then(ObjectName::of)?;
    if !lint.is_one_transaction() || !state.added(table, &name) && !state.is_held(table) {
        return None;
    }
    let recipe = format!(
        "validate it in a patch of its own:{}",
        sql(&[format!("ALTER TABLE {} {};", table.written, action.text())])
    );
    let message = format!("nobody can write to `{}` while all of its rows are checked", table.written);
    let hazard = LintHazard::new(LintRule::ValidateAtOnce, action, message, recipe);
    Some(hazard.note(
        "VALIDATE lets others write, but an earlier statement holds a stronger lock until the patch is done",
    ))
}

/// A constraint that is added.
struct AddedConstraint<'a> {
    table: &'a ObjectName,
    /// The new column that it belongs to.
    column: Option<NewColumn>,
    node: Node<'a>,
}

impl AddedConstraint<'_> {
    fn hazard(&self, filled: bool) -> Option<LintHazard> {
        let kind = self.node.kind();
        let later = self.node.has(K::NOT_VALID) || self.node.has(K::NOT_ENFORCED);
        if kind == K::CHECK_CONSTRAINT && !later {
            Some(self.check())
        } else if kind == K::FOREIGN_KEY_CONSTRAINT && !later || kind == K::REFERENCES_CONSTRAINT && filled {
            Some(self.foreign_key())
        } else if (kind == K::UNIQUE_CONSTRAINT || kind == K::PRIMARY_KEY_CONSTRAINT)
            && !self.node.has(K::USING_INDEX_NAME)
        {
            Some(self.unique())
        } else if kind == K::EXCLUDE_CONSTRAINT {
            Some(self.exclude())
        } else {
            None
        }
    }

    fn check(&self) -> LintHazard {
        let name = self.name("check");
        let message =
            format!("nobody can read or write `{}` while all of its rows are checked", self.table.written);
        let hazard = LintHazard::new(LintRule::CheckAtOnce, self.node, message, self.in_two(&name));
        hazard.note("it takes ACCESS EXCLUSIVE, and reads the table")
    }

    fn foreign_key(&self) -> LintHazard {
        let name = self.name("fkey");
        let other = self.node.child(K::TABLE_NAME_REF).and_then(ObjectName::of);
        let other = other.map_or("the other table".to_owned(), |other| format!("`{}`", other.written));
        let message =
            format!("nobody can write to `{}` or {other} while all rows are looked up", self.table.written);
        let recipe = format!(
            "{}\nbefore PostgreSQL 18, a partitioned table can't have it in two steps",
            self.in_two(&name)
        );
        let hazard = LintHazard::new(LintRule::ForeignKeyAtOnce, self.node, message, recipe);
        hazard.note(match self.column {
            Some(_) => "it takes ACCESS EXCLUSIVE on the table, and SHARE ROW EXCLUSIVE on the other",
            None => "it takes SHARE ROW EXCLUSIVE on both tables",
        })
    }

    /// The column by itself.
    fn with_column(&self) -> impl Iterator<Item = String> {
        let add = |NewColumn { name, definition }: &NewColumn| {
            format!("ALTER TABLE {} ADD COLUMN {} {definition};", self.table.written, name.written)
        };
        self.column.iter().map(add)
    }

    /// Added without a look at the rows, and validated apart.
    fn in_two(&self, name: &str) -> String {
        let mut steps: Vec<String> = self.with_column().collect();
        let words = match (&self.column, self.node.kind() == K::REFERENCES_CONSTRAINT) {
            (Some(column), true) => format!("FOREIGN KEY ({}) {}", column.name.written, self.unnamed()),
            _ => self.unnamed(),
        };
        steps.push(format!("ALTER TABLE {} ADD CONSTRAINT {name} {words} NOT VALID;", self.table.written));
        steps.push(format!("ALTER TABLE {} VALIDATE CONSTRAINT {name};", self.table.written));
        format!("add it without checking the rows, and validate it in a later patch:{}", sql(&steps))
    }

    fn unique(&self) -> LintHazard {
        let primary = self.node.kind() == K::PRIMARY_KEY_CONSTRAINT;
        let (word, ending) = if primary { ("PRIMARY KEY", "pkey") } else { ("UNIQUE", "key") };
        let name = self.name(ending);
        let listed = self.node.find(K::CONSTRAINT_COLUMN_REF_LIST).map(|columns| columns.text().to_owned());
        let column = self.column.as_ref().map(|column| format!("({})", column.name.written));
        let columns = listed.or(column).unwrap_or("(…)".to_owned());
        let table = &self.table.written;
        let note = if primary { "; columns that may be null must be set NOT NULL first" } else { "" };
        let steps = [
            format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {columns};"),
            format!("ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name};"),
        ];
        let steps: Vec<String> = self.with_column().chain(steps).collect();
        let recipe = format!(
            "build the index in a patch of kind `concurrent`, and use it in a later one{note}:{}",
            sql(&steps)
        );
        let message = format!("nobody can read or write `{table}` while the index is built");
        let hazard = LintHazard::new(LintRule::UniqueAtOnce, self.node, message, recipe);
        hazard.note("it takes ACCESS EXCLUSIVE, to the end of the transaction")
    }

    fn exclude(&self) -> LintHazard {
        let message = format!("nobody can read or write `{}` while the index is built", self.table.written);
        let recipe = "the only way is a new table with the constraint, filled in batches".to_owned();
        let hazard = LintHazard::new(LintRule::ExcludeAtOnce, self.node, message, recipe);
        hazard.note("it takes ACCESS EXCLUSIVE, to the end of the transaction")
    }

    /// Its name, or the one that the server would give it.
    fn name(&self, ending: &str) -> String {
        let given = self.node.find(K::CONSTRAINT_NAME).map(|name| name.text().to_owned());
        given.unwrap_or_else(|| {
            let columns = [K::FOREIGN_KEY_COLUMN_LIST, K::CONSTRAINT_COLUMN_REF_LIST];
            let listed = self.node.all().find(|node| columns.contains(&node.kind()));
            let listed = listed.into_iter().flat_map(Node::children);
            let mut words: Vec<String> = listed
                .filter(|node| !node.is_token())
                .filter_map(ObjectName::of)
                .map(|name| name.bare().to_owned())
                .collect();
            words.extend(self.column.as_ref().map(|column| column.name.bare().to_owned()));
            if ending == "pkey" {
                words.clear();
            }
            words.push(ending.to_owned());
            self.table.joined(&words.join("_"))
        })
    }

    /// What it says, without its name.
    fn unnamed(&self) -> String {
        let text = self.node.text();
        let clause = self.node.child(K::CONSTRAINT_NAME_CLAUSE).map_or(0, |clause| clause.text().len());
        text.get(clause..).unwrap_or(text).trim().to_owned()
    }
}
