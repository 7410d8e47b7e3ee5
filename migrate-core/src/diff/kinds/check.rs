use crate::catalog::{ConstraintKind, Oid, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::edit::key;
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::CheckFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn check(&mut self, fact: &CheckFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let known = self.table_at(oid)?.constraints.get(&fact.check).cloned();
        let Some(that) = fact.that.as_ref().filter(|_| fact.present) else {
            return match known {
                Some(_) => self.drop_constraint(oid, &fact.check),
                None => Ok(()),
            };
        };
        let Some(known) = known else { return self.add_check(oid, fact, that, None) };
        if known.kind != ConstraintKind::Check {
            let message = format!("`{}` is a constraint of another kind", fact.check);
            return Err(self
                .problem(ErrorKind::Duplicate, message)
                .help("give the check another name")
                .into());
        }
        self.require_created(oid)?;
        let table = self.table_at(oid)?.name.quoted();
        let probe = probe(&self.table_at(oid)?.name.schema);
        let setup = vec![
            format!("CREATE TABLE {probe} (LIKE {table})"),
            format!("ALTER TABLE {probe} ADD CONSTRAINT migrate_probe_check CHECK ({that})"),
        ];
        let query = format!(
            "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint \
             WHERE conname = 'migrate_probe_check' AND conrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        let question = Question::Printed { setup, query };
        let printed = known.definition.trim_end_matches(" NOT VALID").to_owned();
        let held = self.match_definition(that, &printed, known.comment.as_deref(), question, |answer| {
            answer == printed
        })?;
        match held {
            DefinitionMatch::Different => {
                self.drop_constraint(oid, &fact.check)?;
                self.add_check(oid, fact, that, known.comment.as_deref())
            }
            DefinitionMatch::Recorded | DefinitionMatch::Same => {
                if held == DefinitionMatch::Same {
                    self.note_check(oid, fact, that, known.comment.as_deref())?;
                }
                if known.validated { Ok(()) } else { self.validate(oid, &fact.check) }
            }
        }
    }

    /// Adds a check. If the table has rows, they are validated in a separate step, while writers continue.
    fn add_check(
        &mut self,
        oid: Oid,
        fact: &CheckFact,
        that: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        let apart = self.table_at(oid)?.rows == RowPresence::Perhaps && !self.new_tables.contains(&oid);
        let suffix = if apart { " NOT VALID" } else { "" };
        let mut constraint = key(ConstraintKind::Check, Vec::new(), format!("CHECK ({that}){suffix}"));
        constraint.validated = !apart;
        self.add_constraint(oid, &fact.check, constraint, &[ChangeHazard::Locks])?;
        self.note_check(oid, fact, that, comment)?;
        if apart { self.validate(oid, &fact.check) } else { Ok(()) }
    }

    fn validate(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let table = self.table_at(oid)?.name.quoted();
        let sql = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {}", quote::identifier(name));
        let object = format!("{}.{name}", self.object_name(oid));
        match self.defers_builds() {
            true => self.push_after(ChangeAction::Alter, object, sql, &[]),
            false => self.push(ChangeAction::Alter, object, sql, &[ChangeHazard::Scans]),
        }
        if let Some(constraint) = self.table_at_mut(oid)?.constraints.get_mut(name) {
            constraint.validated = true;
            if let Some(definition) = constraint.definition.strip_suffix(" NOT VALID") {
                constraint.definition = definition.to_owned();
            }
        }
        Ok(())
    }

    fn note_check(
        &mut self,
        oid: Oid,
        fact: &CheckFact,
        that: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.quoted();
        let printing = format!(
            "(SELECT pg_catalog.rtrim(pg_catalog.replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID', '')) FROM \
             pg_catalog.pg_constraint AS k WHERE k.conname = {} AND k.conrelid = {}::pg_catalog.regclass)",
            quote::literal(&fact.check),
            quote::literal(&table)
        );
        let on = format!("CONSTRAINT {} ON {table}", quote::identifier(&fact.check));
        let object = format!("{}.{}", self.object_name(oid), fact.check);
        self.push(
            ChangeAction::Comment,
            object,
            note_sql(&CommentTarget::Named(on), that, &printing, comment),
            &[],
        );
        Ok(())
    }
}
