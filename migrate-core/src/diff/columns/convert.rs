//! A new type for a column, if the server can convert every row without loss.

use crate::catalog::{self, Oid};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::counts::counted;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::{Error, ErrorKind};
use crate::facts::{ColumnFact, DeclaredType, sql_type};
use crate::rows::{ColumnType, Equality};
use crate::statement::RewriteProbe;
use crate::text::quote;

impl Planner {
    pub(crate) fn convert(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
    ) -> Result<(), Interruption> {
        self.require_created(oid)?;
        let column = self.column_at(oid, number)?.clone();
        let enum_name = self.enum_name(oid, &fact.of.label, &fact.label)?;
        let to = match kind {
            DeclaredType::Enum(_) => enum_name.quoted(),
            kind => self.type_word(&sql_type::sql_name(kind)),
        };
        let c = quote::identifier(&column.name);
        let using = using(&column.kind, kind, &c, &to);
        self.require_renamed()?;
        if !self.is_verifying() {
            // Locks out writers between the question and the change.
            self.locked_number(oid, "*", " WHERE false")?;
            self.refuse_loss(oid, &column, fact, kind, &using)?;
        }
        let collate = fact.collation.as_ref().map(|collation| format!(" COLLATE {}", collation.sql()));
        let collate = collate.unwrap_or_default();
        let retype = format!("ALTER COLUMN {c} TYPE {to}{collate} USING {using}");
        let hazards = match self.stores_anew(oid, kind, &retype)? {
            true => &[ChangeHazard::Locks, ChangeHazard::Rewrites][..],
            false => &[ChangeHazard::Locks][..],
        };
        if self.is_in_identity(oid, number)? {
            self.drop_generator(oid)?;
        }
        let mut clauses = Vec::new();
        if column.default.is_some() {
            clauses.push(format!("ALTER COLUMN {c} DROP DEFAULT"));
        }
        clauses.push(retype);
        let default =
            fact.default.as_ref().map(|default| self.default_sql(kind, &to, default)).transpose()?;
        let default = default.filter(|sql| sql != "NULL");
        let type_oid = match kind {
            DeclaredType::Enum(labels) => self.create_enum(oid, enum_name.clone(), labels)?,
            _ => 0,
        };
        let dependents = self.dependents(oid, number)?;
        self.refuse_filled(&dependents)?;
        if !dependents.is_empty() {
            self.mark_outdated();
        }
        let change = format!("ALTER TABLE {} {}", self.table_at(oid)?.name.quoted(), clauses.join(", "));
        self.record(
            oid,
            &column.name,
            dependents.around(vec![change]).join(";\n"),
            ChangeAction::Alter,
            hazards,
        );
        {
            let column = self.column_mut(oid, number)?;
            column.kind = if matches!(kind, DeclaredType::Enum(_)) { to } else { sql_type::sql_name(kind) };
            column.type_oid = type_oid;
            column.default = None;
            column.collation = fact.collation.as_ref().map(|collation| collation.sql());
        }
        self.drop_enum(column.type_oid, &enum_name)?;
        match default {
            Some(default) => self.set_default(oid, number, Some(default)),
            None => Ok(()),
        }
    }

    /// Whether the new type of a column rewrites its table, as far as this can be found out.
    fn stores_anew(&self, oid: Oid, to: &DeclaredType, retype: &str) -> Result<bool, Interruption> {
        // The enum type does not exist yet, and no other type is stored in the same form.
        if matches!(to, DeclaredType::Enum(_)) {
            return Ok(true);
        }
        let name = &self.table_at(oid)?.name;
        let RewriteProbe { setup, query } =
            RewriteProbe::new(&name.quoted(), &quote::identifier(&name.name), &[], &[retype.to_owned()]);
        let answer = self.ask(Question::Printed { setup, query })?;
        Ok(*answer != Answer::Value(Some("false".to_owned())))
    }

    /// Refuses a conversion that the server can't do for every row, or that would lose something.
    fn refuse_loss(
        &self,
        oid: Oid,
        column: &catalog::Column,
        fact: &ColumnFact,
        to: &DeclaredType,
        using: &str,
    ) -> Result<(), Interruption> {
        let table = self.table_at(oid)?.name.quoted();
        let (from, c) = (column.kind.as_str(), &quote::identifier(&column.name));
        let lost = lost(&ColumnType::of(&self.catalog, column), from, to, c, using);
        let lost = match to {
            // The enum type does not exist yet: check instead whether every value is a label.
            DeclaredType::Enum(labels) => {
                format!("{c}::pg_catalog.text OPERATOR(pg_catalog.<>) ALL ({})", quote::texts(labels))
            }
            _ => lost,
        };
        let sql = format!(
            "SELECT pg_catalog.count(*)::pg_catalog.text FROM {table} WHERE {c} IS NOT NULL AND ({lost})"
        );
        let question = Question::Printed { setup: Vec::new(), query: sql };
        match self.ask(question)? {
            Answer::Value(Some(rows)) if rows == "0" => Ok(()),
            Answer::Value(Some(rows)) => {
                let rows = rows.parse().unwrap_or(u64::MAX);
                Err(self
                    .no_conversion(from, fact, to)
                    .note(format!("{} would lose something", counted(rows, "value")))
                    .into())
            }
            Answer::Refused(reason) => Err(self.no_conversion(from, fact, to).note(reason.clone()).into()),
            Answer::Value(None) | Answer::Unknown => Ok(()),
        }
    }

    fn no_conversion(&self, from: &str, fact: &ColumnFact, to: &DeclaredType) -> Error {
        let message = format!(
            "column `{}` can't be converted from `{from}` to `{}` without loss",
            fact.label,
            sql_type::word(to)
        );
        self.problem(ErrorKind::Pending, message).help(
            "add a column of the new type, fill it in with a `sql` fact or a patch, and drop the old one",
        )
    }
}

/// The expression that converts a column.
fn using(from: &str, to: &DeclaredType, c: &str, to_sql: &str) -> String {
    match (from, to) {
        // Converted directly to numeric, a float keeps 15 digits; its text keeps all.
        ("double precision" | "real", DeclaredType::Decimal) => format!("{c}::pg_catalog.text::{to_sql}"),
        ("boolean", DeclaredType::Integer) => format!("{c}::integer::{to_sql}"),
        ("bigint", DeclaredType::Boolean) => format!("({c} OPERATOR(pg_catalog.<>) 0)"),
        (_, DeclaredType::Enum(_)) => format!("{c}::pg_catalog.text::{to_sql}"),
        _ => format!("{c}::{to_sql}"),
    }
}

/// The condition for values that the conversion would change; for texts, the conversion itself fails.
fn lost(kind: &ColumnType, from: &str, to: &DeclaredType, c: &str, using: &str) -> String {
    match (from, to) {
        (_, DeclaredType::Text) | ("boolean", DeclaredType::Integer) => "false".into(),
        ("text", DeclaredType::Float) => {
            format!("({using})::pg_catalog.text::numeric OPERATOR(pg_catalog.<>) {c}::numeric")
        }
        // The server accepts these texts, and silently drops the parts that the type can't hold.
        ("text", DeclaredType::Date) => format!("{c} OPERATOR(pg_catalog.~) ':'"),
        ("text", DeclaredType::Time) => format!("{c} OPERATOR(pg_catalog.~) '-|[+a-zA-Z]'"),
        ("text", DeclaredType::Datetime) => {
            format!("{c} OPERATOR(pg_catalog.~) ':[0-9.]* *([-+]|[zZ]|[a-zA-Z]{{3}})'")
        }
        ("text", DeclaredType::Sql(name)) => {
            match sql_type::canonical(name).split('(').next().unwrap_or_default() {
                "character varying" | "character" => {
                    format!("({using})::pg_catalog.text OPERATOR(pg_catalog.<>) {c}")
                }
                "numeric" | "real" | "double precision" => {
                    format!("({using})::pg_catalog.text::numeric OPERATOR(pg_catalog.<>) {c}::numeric")
                }
                _ => format!("({using}) IS NULL"),
            }
        }
        ("text" | "character varying", _) => format!("({using}) IS NULL"),
        ("integer" | "bigint" | "smallint", DeclaredType::Boolean) => {
            format!("{c} OPERATOR(pg_catalog.<>) ALL (ARRAY[0, 1])")
        }
        ("numeric", DeclaredType::Float) => {
            format!("({using})::pg_catalog.text::numeric OPERATOR(pg_catalog.<>) {c}")
        }
        ("bigint" | "integer", DeclaredType::Float) => {
            format!("({using})::numeric OPERATOR(pg_catalog.<>) {c}::numeric")
        }
        ("timestamp without time zone", DeclaredType::Time) => "true".into(),
        ("json", DeclaredType::Json) => format!("({using}) IS NULL"),
        ("double precision" | "real", DeclaredType::Decimal) => format!("({using}) IS NULL"),
        _ => format!("({}) IS NOT TRUE", equal(kind, &format!("({using})::{}", kind.cast), c)),
    }
}

/// The condition that two values are the same.
fn equal(kind: &ColumnType, one: &str, other: &str) -> String {
    let cast = match kind.equal {
        Equality::Native => "",
        Equality::Bytes => "::pg_catalog.text",
        Equality::Jsonb => "::pg_catalog.jsonb",
    };
    format!("{one}{cast} OPERATOR(pg_catalog.=) {other}{cast}")
}
