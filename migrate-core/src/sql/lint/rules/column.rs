use squawk_lexer::TokenKind;
use squawk_parser::SyntaxKind as K;

use crate::lex::{fold, tokens};
use crate::sql::lint::column_type::{SqlType, is_own};
use crate::sql::lint::hazard::{LintHazard, sql};
use crate::sql::lint::known_schema::KnownDomain;
use crate::sql::lint::object_name::ObjectName;
use crate::sql::lint::patch_state::PatchState;
use crate::sql::lint::rule::LintRule;
use crate::sql::tree::Node;

/// What a new column costs on a table that holds rows.
pub(in crate::sql::lint) fn added(
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Vec<LintHazard> {
    if action.kind() != K::ADD_COLUMN {
        return Vec::new();
    }
    let Some(column) = AddedColumn::of(table, action, state) else { return Vec::new() };
    let found = [column.serial(), column.stored(), column.volatile(), column.asked(state), column.required()];
    found.into_iter().flatten().collect()
}

/// The type of a new column.
pub(in crate::sql::lint) fn kind(action: Node<'_>) -> Option<Node<'_>> {
    action.children().filter(|child| !child.is_token() && child.kind() != K::IF_NOT_EXISTS).nth(1)
}

/// What another type, or NOT NULL, costs.
pub(in crate::sql::lint) fn altered(
    table: &ObjectName,
    action: Node<'_>,
    state: &PatchState,
) -> Option<LintHazard> {
    let name = action.find(K::COLUMN_NAME_REF).and_then(ObjectName::of)?;
    let not_null = action.child(K::NOT_NULL_CONSTRAINT).filter(|_| action.kind() == K::ADD_CONSTRAINT);
    if let Some(at) = action.child(K::SET_TYPE) {
        return retyped(table, &name, at, state);
    }
    if let Some(at) = action.child(K::SET_EXPRESSION) {
        return Some(stored(table, &name, at, "text", &state.batch(table)));
    }
    let at = action.child(K::SET_NOT_NULL).or(not_null.filter(|added| !added.has(K::NOT_VALID)))?;
    (!state.proves(table, &name)).then(|| required(table, &name, at))
}

/// A new column.
struct AddedColumn<'a> {
    table: &'a ObjectName,
    name: ObjectName,
    kind: &'a str,
    action: Node<'a>,
    /// The directive for batches of the table.
    batch: String,
}

/// The batches that fill a column, as SQL.
fn fill(table: &ObjectName, column: &str, value: &str, batch: &str) -> [String; 3] {
    [
        "-- in a patch of kind `concurrent`:".to_owned(),
        batch.to_owned(),
        format!("UPDATE {} SET {column} = {value} WHERE {column} IS NULL;", table.written),
    ]
}

impl<'a> AddedColumn<'a> {
    fn of(table: &'a ObjectName, action: Node<'a>, state: &PatchState) -> Option<AddedColumn<'a>> {
        let name = action.child(K::COLUMN_NAME).and_then(ObjectName::of)?;
        Some(AddedColumn { table, name, kind: kind(action)?.text(), action, batch: state.batch(table) })
    }

    fn hazard(&self, rule: LintRule, at: Node<'_>, how: &str, recipe: &str, steps: &[String]) -> LintHazard {
        let message = format!("nobody can read or write `{}` while {how}", self.table.written);
        let hazard = LintHazard::new(rule, at, message, format!("{recipe}:{}", sql(steps)));
        hazard.note("it takes ACCESS EXCLUSIVE, and the table and its indexes are rewritten")
    }

    fn plain(&self, kind: &str) -> String {
        format!("ALTER TABLE {} ADD COLUMN {} {kind};", self.table.written, self.name.written)
    }

    fn default(&self, value: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {value};", self.table.written, self.name.written)
    }

    fn serial(&self) -> Option<LintHazard> {
        let identity = self.action.find(K::GENERATED_IDENTITY);
        let serial =
            SERIAL.iter().find(|(serial, _)| *serial == fold(self.kind)).map(|(_, integer)| *integer);
        let kind = serial.or(identity.map(|_| self.kind))?;
        let sequence = self.table.beside(&format!("{}_seq", self.name.bare()));
        let mut steps = vec![
            self.plain(kind),
            format!("CREATE SEQUENCE {sequence} OWNED BY {}.{};", self.table.written, self.name.written),
            self.default(&format!("nextval('{}')", sequence.replace('\'', "''"))),
        ];
        steps.extend(fill(self.table, &self.name.written, "DEFAULT", &self.batch));
        let how = "each row is given a number";
        Some(self.hazard(LintRule::SerialColumn, self.action, how, "number the rows in batches", &steps))
    }

    fn stored(&self) -> Option<LintHazard> {
        let at = self.action.find(K::STORED)?;
        Some(stored(self.table, &self.name, at, self.kind, &self.batch))
    }

    fn volatile(&self) -> Option<LintHazard> {
        let default = self.action.child(K::DEFAULT_CONSTRAINT)?;
        let (call, function) = calls(default).find(|(_, function)| !is_fixed(function))?;
        let value = default
            .children()
            .find(|child| !child.is_token() && child.kind() != K::CONSTRAINT_NAME_CLAUSE)?;
        let mut steps = vec![self.plain(self.kind), self.default(value.text())];
        steps.extend(fill(self.table, &self.name.written, "DEFAULT", &self.batch));
        let how = "a value is computed for each row";
        let recipe = "set it for new rows first, and fill the others in batches";
        let hazard = self.hazard(LintRule::VolatileDefault, call, how, recipe, &steps);
        Some(match VOLATILE.contains(&function.as_str()) {
            true => hazard,
            false => hazard.note(format!(
                "it is called only once if `{function}` is STABLE or IMMUTABLE, which the patch does not show"
            )),
        })
    }

    /// A domain's checks are evaluated for each row, even if the column is null.
    fn asked(&self, state: &PatchState) -> Option<LintHazard> {
        if is_own(self.kind) {
            return None;
        }
        let domain = state.known.constrained(&ObjectName::written(self.kind)?)?;
        let KnownDomain { base, checks, not_null, .. } = domain;
        let mut steps = vec![self.plain(&base)];
        let mut add = |ending: &str, check: String| {
            let name = self.table.joined(&format!("{}_{ending}", self.name.bare()));
            steps.extend([
                format!(
                    "ALTER TABLE {} ADD CONSTRAINT {name} CHECK ({check}) NOT VALID;",
                    self.table.written
                ),
                format!("ALTER TABLE {} VALIDATE CONSTRAINT {name};", self.table.written),
            ]);
        };
        for (given, check) in checks {
            add(given.as_deref().unwrap_or("check"), of_column(&check, &self.name.written));
        }
        if not_null {
            add("not_null", format!("{} IS NOT NULL", self.name.written));
        }
        let how = format!("the checks of `{}` are asked of each row", self.kind);
        let recipe = "give it the base type of the domain, and add the checks of the domain to the table, each step in a patch of its own";
        Some(self.hazard(LintRule::DomainColumn, self.action, &how, recipe, &steps))
    }

    fn required(&self) -> Option<LintHazard> {
        let at = [K::NOT_NULL_CONSTRAINT, K::PRIMARY_KEY_CONSTRAINT]
            .iter()
            .find_map(|kind| self.action.child(*kind))?;
        let default = self.action.child(K::DEFAULT_CONSTRAINT).is_some_and(|default| !is_null(default));
        let given = default || self.action.child(K::GENERATED_CONSTRAINT).is_some();
        if given || SERIAL.iter().any(|(serial, _)| *serial == fold(self.kind)) {
            return None;
        }
        let AddedColumn { table, name, kind, batch, .. } = self;
        let message =
            format!("the patch fails if `{}` has rows: they have no `{}`", table.written, name.written);
        let recipe = format!(
            "give it a default, which costs nothing if it is the same for all rows:{}\nor fill it before it is \
             required, each step in a patch of its own:{}",
            sql(&[self.plain(&format!("{kind} NOT NULL DEFAULT …"))]),
            sql(&[self.plain(kind)]
                .into_iter()
                .chain(fill(table, &name.written, "…", batch))
                .chain(prove(table, name))
                .collect::<Vec<_>>()),
        );
        let hazard = LintHazard::new(LintRule::RequiredColumn, at, message, recipe);
        Some(
            hazard
                .note("the server refuses it after it has taken ACCESS EXCLUSIVE and read the table (23502)"),
        )
    }
}

fn stored(table: &ObjectName, name: &ObjectName, at: Node<'_>, kind: &str, batch: &str) -> LintHazard {
    let message =
        format!("nobody can read or write `{}` while a value is computed for each row", table.written);
    let mut steps = vec![
        format!("ALTER TABLE {} ADD COLUMN {} {kind};", table.written, name.written),
        format!("CREATE TRIGGER … BEFORE INSERT OR UPDATE ON {} …;", table.written),
    ];
    steps.extend(fill(table, &name.written, "…", batch));
    let recipe = format!(
        "from PostgreSQL 18 on, VIRTUAL stores nothing; before it, have a trigger fill a plain column:{}",
        sql(&steps)
    );
    let hazard = LintHazard::new(LintRule::StoredColumn, at, message, recipe);
    hazard.note("it takes ACCESS EXCLUSIVE, and the table and its indexes are rewritten")
}

fn retyped(table: &ObjectName, name: &ObjectName, at: Node<'_>, state: &PatchState) -> Option<LintHazard> {
    let written = at.children().find(|child| !child.is_token()).map_or("…", Node::text);
    let old = state.known.kind(table, name);
    let plain = at.child(K::COLLATE).is_none()
        && at.child(K::USING_EXPR).is_none_or(|using| is_cast(using, name, written));
    if plain
        && !state.is_checked(table, name)
        && old.is_some_and(|old| SqlType::parse(written).stores_alike(old))
    {
        return None;
    }
    let new = name.joined("new");
    let mut steps = vec![
        format!("ALTER TABLE {} ADD COLUMN {} {written};", table.written, new),
        format!("CREATE TRIGGER … BEFORE INSERT OR UPDATE ON {} …;", table.written),
    ];
    steps.extend(fill(table, &new, &name.written, &state.batch(table)));
    steps.push(format!("ALTER TABLE {} DROP COLUMN {};", table.written, name.written));
    steps.push(format!("ALTER TABLE {} RENAME COLUMN {} TO {};", table.written, new, name.written));
    let message =
        format!("nobody can read or write `{}` while `{}` is converted", table.written, name.written);
    let recipe = format!("replace it with a new column, and keep both equal with a trigger:{}", sql(&steps));
    let hazard = LintHazard::new(LintRule::Retype, at, message, recipe)
        .note("it takes ACCESS EXCLUSIVE, and the table and its indexes are rewritten");
    Some(match old {
        Some(old) => hazard.note(format!("a patch says that it is `{}`", old.written)),
        None => hazard.note("this is not so if the old type is stored in the same form, which the patch does not show: varchar to text or to a longer one, numeric to a wider one"),
    })
}

/// Whether `USING` says what the server does without it: the column, or the column cast to that type.
fn is_cast(using: Node<'_>, column: &ObjectName, kind: &str) -> bool {
    let Some(value) = using.children().find(|child| !child.is_token()) else { return false };
    let parts: Vec<Node<'_>> = value.children().collect();
    let is_column = |node: &Node<'_>| node.kind() == K::NAME_REF && fold(node.text()) == column.bare();
    match parts.as_slice() {
        [of, _, cast] if value.kind() == K::CAST_EXPR => {
            is_column(of) && SqlType::parse(cast.text()).stores_alike(&SqlType::parse(kind))
        }
        _ => is_column(&value),
    }
}

fn required(table: &ObjectName, name: &ObjectName, at: Node<'_>) -> LintHazard {
    let message = format!("nobody can read or write `{}` while all of its rows are read", table.written);
    let recipe =
        format!("prove it with a check first, each step in a patch of its own:{}", sql(&prove(table, name)));
    let hazard = LintHazard::new(LintRule::SetNotNull, at, message, recipe);
    hazard.note("it takes ACCESS EXCLUSIVE, and reads all rows to find a null")
}

/// How a column becomes NOT NULL without a long lock.
fn prove(table: &ObjectName, column: &ObjectName) -> [String; 4] {
    let check = table.joined(&format!("{}_not_null", column.bare()));
    let alter = format!("ALTER TABLE {}", table.written);
    let column = &column.written;
    [
        format!("{alter} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;"),
        format!("{alter} VALIDATE CONSTRAINT {check};"),
        format!("{alter} ALTER COLUMN {column} SET NOT NULL;"),
        format!("{alter} DROP CONSTRAINT {check};"),
    ]
}

fn is_null(default: Node<'_>) -> bool {
    default.children().last().is_some_and(|value| value.text().eq_ignore_ascii_case("null"))
}

/// A domain's check, said of a column.
fn of_column(check: &str, column: &str) -> String {
    let words = tokens(check).map(|token| if token.is("value") { column } else { token.text });
    words.collect()
}

/// The functions that an expression calls, without the schema if it is the server's own.
fn calls<'a>(node: Node<'a>) -> impl Iterator<Item = (Node<'a>, String)> {
    let calls = node.all().filter(|node| node.kind() == K::CALL_EXPR);
    calls.filter_map(|call| {
        let callee =
            call.children().next().filter(|callee| [K::NAME_REF, K::FIELD_EXPR].contains(&callee.kind()))?;
        let mut words: Vec<String> = tokens(callee.text())
            .filter(|token| !token.is_trivia() && token.kind != TokenKind::Dot)
            .map(|token| fold(token.text))
            .collect();
        if words.first().is_some_and(|schema| schema == "pg_catalog") {
            words.remove(0);
        }
        Some((call, words.join(".")))
    })
}

/// The types that make a sequence, and what they are besides.
const SERIAL: [(&str, &str); 6] = [
    ("serial", "integer"),
    ("bigserial", "bigint"),
    ("smallserial", "smallint"),
    ("serial4", "integer"),
    ("serial8", "bigint"),
    ("serial2", "smallint"),
];

/// Functions in defaults that are certainly called for each row.
const VOLATILE: [&str; 9] = [
    "clock_timestamp",
    "gen_random_uuid",
    "nextval",
    "random",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// PostgreSQL's functions that are not VOLATILE, of all versions from 14 on.
fn is_fixed(function: &str) -> bool {
    include_str!("functions.txt").split_ascii_whitespace().any(|known| known == function)
}
