use squawk_parser::SyntaxKind as K;

use super::hazard::{Hazard, sql};
use super::name::{Name, fold};
use super::seen::Seen;
use crate::LintRule;
use crate::sql::tree::Node;

/// What a new column costs on a table that holds rows.
pub(super) fn added(table: &Name, action: Node<'_>) -> Vec<Hazard> {
    if action.kind() != K::ADD_COLUMN {
        return Vec::new();
    }
    let Some(column) = Column::of(table, action) else { return Vec::new() };
    [column.serial(), column.stored(), column.volatile(), column.required()].into_iter().flatten().collect()
}

/// What another type, or NOT NULL, costs.
pub(super) fn altered(table: &Name, action: Node<'_>, seen: &Seen) -> Option<Hazard> {
    let name = action.find(K::COLUMN_NAME_REF).and_then(Name::of)?;
    let not_null = action.child(K::NOT_NULL_CONSTRAINT).filter(|_| action.kind() == K::ADD_CONSTRAINT);
    if let Some(at) = action.child(K::SET_TYPE) {
        return Some(retyped(table, &name, at));
    }
    if let Some(at) = action.child(K::SET_EXPRESSION) {
        return Some(stored(table, &name, at, "text"));
    }
    let at = action.child(K::SET_NOT_NULL).or(not_null.filter(|added| !added.has(K::NOT_VALID)))?;
    (!seen.proves(table, &name)).then(|| required(table, &name, at))
}

/// A new column.
struct Column<'a> {
    table: &'a Name,
    name: Name,
    kind: &'a str,
    action: Node<'a>,
}

/// The batches that fill a column, as SQL.
fn fill(table: &Name, column: &str, value: &str) -> [String; 3] {
    [
        "-- in a patch of kind `concurrent`:".to_owned(),
        "-- migrate: batch 5000 by id".to_owned(),
        format!("UPDATE {} SET {column} = {value} WHERE {column} IS NULL;", table.written),
    ]
}

impl<'a> Column<'a> {
    fn of(table: &'a Name, action: Node<'a>) -> Option<Column<'a>> {
        let mut nodes =
            action.children().filter(|child| !child.is_token() && child.kind() != K::IF_NOT_EXISTS);
        let name = nodes.next().and_then(Name::of)?;
        Some(Column { table, name, kind: nodes.next()?.text(), action })
    }

    fn hazard(&self, rule: LintRule, at: Node<'_>, how: &str, recipe: &str, steps: &[String]) -> Hazard {
        let message = format!("nobody can read or write `{}` while {how}", self.table.written);
        let hazard = Hazard::new(rule, at, message, format!("{recipe}:{}", sql(steps)));
        hazard.note("it takes ACCESS EXCLUSIVE, and the table and its indexes are stored anew")
    }

    fn plain(&self, kind: &str) -> String {
        format!("ALTER TABLE {} ADD COLUMN {} {kind};", self.table.written, self.name.written)
    }

    fn default(&self, value: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {value};", self.table.written, self.name.written)
    }

    fn serial(&self) -> Option<Hazard> {
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
        steps.extend(fill(self.table, &self.name.written, "DEFAULT"));
        let how = "each row is given a number";
        Some(self.hazard(LintRule::SerialColumn, self.action, how, "number the rows in batches", &steps))
    }

    fn stored(&self) -> Option<Hazard> {
        let at = self.action.find(K::STORED)?;
        Some(stored(self.table, &self.name, at, self.kind))
    }

    fn volatile(&self) -> Option<Hazard> {
        let default = self.action.child(K::DEFAULT_CONSTRAINT)?;
        let (call, function) = calls(default).find(|(_, function)| !FIXED.contains(&function.as_str()))?;
        let value = default
            .children()
            .find(|child| !child.is_token() && child.kind() != K::CONSTRAINT_NAME_CLAUSE)?;
        let mut steps = vec![self.plain(self.kind), self.default(value.text())];
        steps.extend(fill(self.table, &self.name.written, "DEFAULT"));
        let how = "a value is computed for each row";
        let recipe = "let new rows have it first, and fill the others in batches";
        let hazard = self.hazard(LintRule::VolatileDefault, call, how, recipe, &steps);
        Some(match VOLATILE.contains(&function.as_str()) {
            true => hazard,
            false => hazard.note(format!(
                "unless `{function}` is STABLE or IMMUTABLE, which the patch does not tell: then it is called once"
            )),
        })
    }

    fn required(&self) -> Option<Hazard> {
        let at = [K::NOT_NULL_CONSTRAINT, K::PRIMARY_KEY_CONSTRAINT]
            .iter()
            .find_map(|kind| self.action.child(*kind))?;
        let default = self.action.child(K::DEFAULT_CONSTRAINT).is_some_and(|default| !is_null(default));
        let given = default || self.action.child(K::GENERATED_CONSTRAINT).is_some();
        if given || SERIAL.iter().any(|(serial, _)| *serial == fold(self.kind)) {
            return None;
        }
        let Column { table, name, kind, .. } = self;
        let message =
            format!("the patch fails where `{}` holds rows: they have no `{}`", table.written, name.written);
        let recipe = format!(
            "give it a default, which costs nothing where it is the same for all rows:{}\nor fill it before it is \
             required, each step a patch of its own:{}",
            sql(&[self.plain(&format!("{kind} NOT NULL DEFAULT …"))]),
            sql(&[self.plain(kind)]
                .into_iter()
                .chain(fill(table, &name.written, "…"))
                .chain(prove(table, name))
                .collect::<Vec<_>>()),
        );
        let hazard = Hazard::new(LintRule::RequiredColumn, at, message, recipe);
        Some(
            hazard
                .note("the server refuses it after it has taken ACCESS EXCLUSIVE and read the table (23502)"),
        )
    }
}

fn stored(table: &Name, name: &Name, at: Node<'_>, kind: &str) -> Hazard {
    let message =
        format!("nobody can read or write `{}` while a value is computed for each row", table.written);
    let mut steps = vec![
        format!("ALTER TABLE {} ADD COLUMN {} {kind};", table.written, name.written),
        format!("CREATE TRIGGER … BEFORE INSERT OR UPDATE ON {} …;", table.written),
    ];
    steps.extend(fill(table, &name.written, "…"));
    let recipe = format!(
        "from PostgreSQL 18 on, VIRTUAL stores nothing; before it, have a trigger fill a plain column:{}",
        sql(&steps)
    );
    let hazard = Hazard::new(LintRule::StoredColumn, at, message, recipe);
    hazard.note("it takes ACCESS EXCLUSIVE, and the table and its indexes are stored anew")
}

fn retyped(table: &Name, name: &Name, at: Node<'_>) -> Hazard {
    let kind = at.children().find(|child| !child.is_token()).map_or("…", Node::text);
    let new = name.joined("new");
    let mut steps = vec![
        format!("ALTER TABLE {} ADD COLUMN {} {kind};", table.written, new),
        format!("CREATE TRIGGER … BEFORE INSERT OR UPDATE ON {} …;", table.written),
    ];
    steps.extend(fill(table, &new, &name.written));
    steps.push(format!("ALTER TABLE {} DROP COLUMN {};", table.written, name.written));
    steps.push(format!("ALTER TABLE {} RENAME COLUMN {} TO {};", table.written, new, name.written));
    let message =
        format!("nobody can read or write `{}` while `{}` is converted", table.written, name.written);
    let recipe =
        format!("let a new column take its place, with a trigger that keeps both the same:{}", sql(&steps));
    Hazard::new(LintRule::Retype, at, message, recipe)
        .note("it takes ACCESS EXCLUSIVE, and the table and its indexes are stored anew")
        .note("unless the old type is stored alike, which the patch does not tell: varchar to text or to a longer one, numeric to a wider one")
}

fn required(table: &Name, name: &Name, at: Node<'_>) -> Hazard {
    let message = format!("nobody can read or write `{}` while all of its rows are read", table.written);
    let recipe =
        format!("have a check prove it first, each step a patch of its own:{}", sql(&prove(table, name)));
    let hazard = Hazard::new(LintRule::SetNotNull, at, message, recipe);
    hazard.note("it takes ACCESS EXCLUSIVE, and looks for a null")
}

/// How a column becomes NOT NULL without a long lock.
fn prove(table: &Name, column: &Name) -> [String; 4] {
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

/// The functions that an expression calls, without their schemas.
fn calls<'a>(node: Node<'a>) -> impl Iterator<Item = (Node<'a>, String)> {
    let calls = node.all().filter(|node| node.kind() == K::CALL_EXPR);
    calls.filter_map(|call| {
        let callee =
            call.children().next().filter(|callee| [K::NAME_REF, K::FIELD_EXPR].contains(&callee.kind()))?;
        let word = callee.all().filter(|node| node.is_token()).last()?;
        Some((call, fold(word.text())))
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

/// Functions of PostgreSQL that people use in defaults, none of which is VOLATILE.
const FIXED: [&str; 59] = [
    "abs",
    "array_fill",
    "box",
    "bytea",
    "ceil",
    "char_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "convert_from",
    "convert_to",
    "current_database",
    "current_schema",
    "current_setting",
    "current_user",
    "date_part",
    "date_trunc",
    "daterange",
    "decode",
    "encode",
    "extract",
    "float8",
    "floor",
    "format",
    "greatest",
    "hstore",
    "int4",
    "int4range",
    "int8",
    "int8range",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "make_date",
    "make_interval",
    "make_timestamptz",
    "md5",
    "now",
    "nullif",
    "numrange",
    "point",
    "repeat",
    "replace",
    "round",
    "statement_timestamp",
    "timezone",
    "to_char",
    "to_json",
    "to_jsonb",
    "to_timestamp",
    "transaction_timestamp",
    "upper",
];
