//! Columns whose values the server computes.

use crate::catalog::{self, Generation, ObjectPart, Oid, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::counts::counted;
use crate::diff::definitions::probe;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{ColumnFact, DeclaredType, sql_type};
use crate::text::quote;

impl Planner {
    /// Gives an existing column its expression, or takes it away. Whether the column is generated then.
    pub(crate) fn keep_generated(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
    ) -> Result<bool, Interruption> {
        let column = self.column_at(oid, number)?;
        let stored = column.generation == Some(Generation::Stored);
        let Some(expression) = &fact.generated else {
            if stored {
                self.drop_expression(oid, number)?;
            }
            return Ok(false);
        };
        let same = stored
            && sql_type::same(&column.kind, &sql_type::printed(kind).unwrap_or_default())
            && self.same_collation(oid, number, fact)?
            && self.same_expression(oid, number, kind, expression)?;
        if !same {
            self.require_created(oid)?;
            self.require_renamed()?;
            if !stored {
                self.refuse_other_values(oid, number, fact, expression)?;
            }
            self.compute_again(oid, number, fact, kind, expression)?;
        }
        Ok(true)
    }

    /// The values stay, and are given by rows from now on.
    fn drop_expression(&mut self, oid: Oid, number: i16) -> Result<(), Interruption> {
        let name = self.column_name(oid, number)?;
        let clause = format!("ALTER COLUMN {} DROP EXPRESSION", quote::identifier(&name));
        self.alter(oid, &name, clause, ChangeAction::Alter, &[ChangeHazard::Locks])?;
        let column = self.column_mut(oid, number)?;
        (column.generation, column.default) = (None, None);
        Ok(())
    }

    fn same_expression(
        &self,
        oid: Oid,
        number: i16,
        kind: &DeclaredType,
        expression: &str,
    ) -> Result<bool, Interruption> {
        let printed = self.column_at(oid, number)?.default.clone().unwrap_or_default();
        let bare = |sql: &str| sql.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        if bare(&printed) == bare(expression) || bare(&printed) == bare(&format!("({expression})")) {
            return Ok(true);
        }
        let table = self.table_at(oid)?.name.clone();
        let (probe, kind) = (probe(&table.schema), self.type_word(&sql_type::sql_name(kind)));
        let setup = vec![
            format!("CREATE TABLE {probe} (LIKE {})", table.quoted()),
            format!(
                "ALTER TABLE {probe} ADD COLUMN migrate_probe {kind} GENERATED ALWAYS AS ({expression}) STORED"
            ),
        ];
        let query = format!(
            "SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d \
             WHERE d.adrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        match self.ask(Question::Printed { setup, query })? {
            Answer::Value(answer) => Ok(answer.as_deref() == Some(printed.as_str())),
            Answer::Unknown => Ok(true),
            Answer::Refused(reason) => {
                let message =
                    format!("the expression of the generated column is refused by the server: {reason}");
                Err(self.problem(ErrorKind::Sql, message).note(expression.to_owned()).into())
            }
        }
    }

    /// Refuses to compute values that differ from those that rows have.
    fn refuse_other_values(
        &self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        expression: &str,
    ) -> Result<(), Interruption> {
        let (table, name) = (self.table_at(oid)?, self.column_name(oid, number)?);
        if table.rows == RowPresence::None {
            return Ok(());
        }
        let c = quote::identifier(&name);
        let differs = format!(" WHERE {c} IS NOT NULL AND {c} IS DISTINCT FROM ({expression})");
        let values = self.locked_number(oid, "*", &differs)?;
        if values == 0 {
            return Ok(());
        }
        let message = format!(
            "column `{}` holds {} that its expression would change",
            fact.label,
            counted(values, "value")
        );
        let error = self.problem(ErrorKind::Pending, message);
        Err(error
            .help("drop the column first (`present: false`, `irreversible: true`), or give it another label")
            .into())
    }

    /// Creates a column again with an expression, and what depends on it as it was.
    fn compute_again(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
        expression: &str,
    ) -> Result<(), Interruption> {
        let dependents = self.dependents_of_column(oid, number)?;
        self.refuse_filled(&dependents)?;
        let known = self.column_at(oid, number)?.clone();
        let column = catalog::Column {
            kind: self.type_word(&sql_type::sql_name(kind)),
            type_oid: 0,
            collation: fact.collation.as_ref().map(|collation| collation.sql()),
            required: fact.required,
            default: Some(expression.to_owned()),
            generation: Some(Generation::Stored),
            storage: None,
            compression: None,
            ..known
        };
        let mut catalog = self.catalog.clone();
        if let Some(table) = catalog.tables.get_mut(&oid) {
            table.columns.insert(number, column.clone());
        }
        let part = ObjectPart::Column(oid, number);
        let again = catalog.ddl().only([]).parts([part].into()).in_place().statements();
        let table = self.table_at(oid)?.name.quoted();
        let name = quote::identifier(&column.name);
        let mut sql = vec![format!("ALTER TABLE {table} DROP COLUMN {name}")];
        sql.extend(again);
        let hazards = [ChangeHazard::Locks, ChangeHazard::Rewrites];
        self.record(oid, &column.name, dependents.around(sql).join(";\n"), ChangeAction::Rebuild, &hazards);
        self.catalog = catalog;
        self.mark_outdated();
        Ok(())
    }

    /// Whether a column has the collation of its fact.
    pub(crate) fn same_collation(
        &self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
    ) -> Result<bool, Interruption> {
        let known = self.column_at(oid, number)?.collation.as_deref();
        Ok(match (&fact.collation, known) {
            (Some(wanted), Some(known)) => wanted.is(known),
            (None, None) => true,
            // The type's own is not printed.
            (Some(wanted), None) => wanted.name == "default",
            (None, Some(_)) => false,
        })
    }
}
