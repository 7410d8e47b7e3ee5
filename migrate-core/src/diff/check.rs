use super::edit::{key, qualified};
use super::printed::{Held, On, note_sql, probe};
use super::{Action, Hazard, Planner, Question, Stop};
use crate::catalog::{ConstraintKind, Oid, Rows};
use crate::facts::Check;
use crate::{ErrorKind, quote};

impl Planner {
    pub(super) fn check(&mut self, fact: &Check) -> Result<(), Stop> {
        let Some(oid) = self.of(&fact.of, fact.present)? else { return Ok(()) };
        let known = self.at(oid)?.constraints.get(&fact.check).cloned();
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
        self.made(oid)?;
        let table = qualified(&self.at(oid)?.name);
        let probe = probe(&self.at(oid)?.name.schema);
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
        let held =
            self.held(that, &printed, known.comment.as_deref(), question, |answer| answer == printed)?;
        match held {
            Held::Other => {
                self.drop_constraint(oid, &fact.check)?;
                self.add_check(oid, fact, that, known.comment.as_deref())
            }
            Held::Noted | Held::Same => {
                if held == Held::Same {
                    self.note_check(oid, fact, that, known.comment.as_deref())?;
                }
                if known.validated { Ok(()) } else { self.validate(oid, &fact.check) }
            }
        }
    }

    /// Adds a check: where there are rows they are validated apart, while writers go on.
    fn add_check(&mut self, oid: Oid, fact: &Check, that: &str, comment: Option<&str>) -> Result<(), Stop> {
        let apart = self.at(oid)?.rows == Rows::Perhaps && !self.fresh.contains(&oid);
        let suffix = if apart { " NOT VALID" } else { "" };
        let mut constraint = key(ConstraintKind::Check, Vec::new(), format!("CHECK ({that}){suffix}"));
        constraint.validated = !apart;
        self.add_constraint(oid, &fact.check, constraint, &[Hazard::Locks])?;
        self.note_check(oid, fact, that, comment)?;
        if apart { self.validate(oid, &fact.check) } else { Ok(()) }
    }

    fn validate(&mut self, oid: Oid, name: &str) -> Result<(), Stop> {
        let table = qualified(&self.at(oid)?.name);
        let sql = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {}", quote::identifier(name));
        let object = format!("{}.{name}", self.object(oid));
        match self.is_apart() {
            true => self.push_after(Action::Alter, object, sql, &[]),
            false => self.push(Action::Alter, object, sql, &[Hazard::Scans]),
        }
        if let Some(constraint) = self.at_mut(oid)?.constraints.get_mut(name) {
            constraint.validated = true;
            if let Some(definition) = constraint.definition.strip_suffix(" NOT VALID") {
                constraint.definition = definition.to_owned();
            }
        }
        Ok(())
    }

    fn note_check(&mut self, oid: Oid, fact: &Check, that: &str, comment: Option<&str>) -> Result<(), Stop> {
        if self.is_verifying() {
            return Ok(());
        }
        let table = qualified(&self.at(oid)?.name);
        let printing = format!(
            "(SELECT pg_catalog.rtrim(pg_catalog.replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID', '')) FROM \
             pg_catalog.pg_constraint AS k WHERE k.conname = {} AND k.conrelid = {}::pg_catalog.regclass)",
            quote::literal(&fact.check),
            quote::literal(&table)
        );
        let on = format!("CONSTRAINT {} ON {table}", quote::identifier(&fact.check));
        let object = format!("{}.{}", self.object(oid), fact.check);
        self.push(Action::Comment, object, note_sql(&On::Named(on), that, &printing, comment), &[]);
        Ok(())
    }
}
