use crate::catalog::{Constraint, ConstraintKind, Oid, RowPresence};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::edit::key;
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::facts::CheckFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn check(&mut self, fact: &CheckFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let Some(that) = fact.that.as_ref().filter(|_| fact.present) else {
            return match self.table_at(oid)?.constraints.contains_key(&fact.check) {
                true => self.drop_constraint(oid, &fact.check),
                false => Ok(()),
            };
        };
        let known = self.known(oid, &fact.check, &ConstraintKind::Check)?;
        self.keep_printed(oid, &fact.check, known, (that, &format!("CHECK ({that})")), ConstraintKind::Check)
    }

    /// Keeps a constraint whose definition the server prints in its own words. `noted`: the text whose digest is in the
    /// comment, and the definition.
    pub(crate) fn keep_printed(
        &mut self,
        oid: Oid,
        name: &str,
        known: Option<Constraint>,
        (noted, definition): (&str, &str),
        kind: ConstraintKind,
    ) -> Result<(), Interruption> {
        let Some(known) = known else { return self.add_printed(oid, name, (noted, definition), kind, None) };
        self.require_created(oid)?;
        let table = self.table_at(oid)?.name.quoted();
        let probe = probe(&self.table_at(oid)?.name.schema);
        let setup = vec![
            format!("CREATE TABLE {probe} (LIKE {table})"),
            format!("ALTER TABLE {probe} ADD CONSTRAINT migrate_probe_constraint {definition}"),
        ];
        let query = format!(
            "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint \
             WHERE conname = 'migrate_probe_constraint' AND conrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        let question = Question::Printed { setup, query };
        let printed = known.definition.trim_end_matches(" NOT VALID").to_owned();
        let comment = known.comment.as_deref();
        let held = self.match_definition(noted, &printed, comment, question, |answer| answer == printed)?;
        match held {
            DefinitionMatch::Different => {
                self.drop_constraint(oid, name)?;
                self.add_printed(oid, name, (noted, definition), kind, comment)
            }
            DefinitionMatch::Recorded | DefinitionMatch::Same => {
                if held == DefinitionMatch::Same {
                    self.note_printed(oid, name, noted, comment)?;
                }
                if known.validated { Ok(()) } else { self.validate(oid, name) }
            }
        }
    }

    /// Adds such a constraint. The rows of a table that has some are checked in a separate step, while writers continue.
    fn add_printed(
        &mut self,
        oid: Oid,
        name: &str,
        (noted, definition): (&str, &str),
        kind: ConstraintKind,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        let filled = self.table_at(oid)?.rows == RowPresence::Perhaps && !self.new_tables.contains(&oid);
        let apart = filled && kind == ConstraintKind::Check;
        let hazards = match kind {
            ConstraintKind::Check => &[ChangeHazard::Locks][..],
            _ => &[ChangeHazard::Locks, ChangeHazard::Indexes][..],
        };
        let suffix = if apart { " NOT VALID" } else { "" };
        let mut constraint = key(kind, Vec::new(), format!("{definition}{suffix}"));
        constraint.validated = !apart;
        self.add_constraint(oid, name, constraint, hazards)?;
        self.note_printed(oid, name, noted, comment)?;
        if apart { self.validate(oid, name) } else { Ok(()) }
    }

    pub(crate) fn validate(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
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

    fn note_printed(
        &mut self,
        oid: Oid,
        name: &str,
        noted: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.quoted();
        let printing = format!(
            "(SELECT pg_catalog.rtrim(pg_catalog.replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID', '')) FROM \
             pg_catalog.pg_constraint AS k WHERE k.conname = {} AND k.conrelid = {}::pg_catalog.regclass)",
            quote::literal(name),
            quote::literal(&table)
        );
        let on = format!("CONSTRAINT {} ON {table}", quote::identifier(name));
        let object = format!("{}.{}", self.object_name(oid), name);
        self.push(
            ChangeAction::Comment,
            object,
            note_sql(&CommentTarget::Named(on), noted, &printing, comment),
            &[],
        );
        Ok(())
    }
}
