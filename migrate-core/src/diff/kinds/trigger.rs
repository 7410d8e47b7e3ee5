use crate::catalog::{self, Oid, Relation};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::facts::{TriggerEvent, TriggerFact, TriggerTiming};
use crate::text::quote;

impl Planner {
    pub(crate) fn trigger(&mut self, fact: &TriggerFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let known = self.table_at(oid)?.triggers.get(&fact.trigger).cloned();
        if !fact.present {
            return match known {
                Some(_) => self.drop_trigger(oid, &fact.trigger),
                None => Ok(()),
            };
        }
        let on = self.table_at(oid)?.name.quoted();
        let source = self.trigger_source(oid, fact, &on)?;
        let Some(known) = known else { return self.create_trigger(oid, fact, source, None) };
        let name = probe(&self.table_at(oid)?.name.schema);
        let probe = match self.table_at(oid)?.relation {
            Relation::View { .. } => format!("CREATE VIEW {name} AS SELECT * FROM {on}"),
            _ => format!("CREATE TABLE {name} (LIKE {on})"),
        };
        let setup = vec![probe, self.trigger_source(oid, fact, &name)?];
        let query = format!(
            "SELECT pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger \
             WHERE tgrelid = {}::pg_catalog.regclass AND NOT tgisinternal",
            quote::literal(&name)
        );
        let question = Question::Printed { setup, query };
        let held = self.match_definition(
            &source,
            &known.definition,
            known.comment.as_deref(),
            question,
            |answer| parts(answer) == parts(&known.definition),
        )?;
        match (held, known.enabled) {
            (DefinitionMatch::Different, _) => {
                self.drop_trigger(oid, &fact.trigger)?;
                self.create_trigger(oid, fact, source, known.comment.as_deref())
            }
            (_, 'D') => {
                let clause = format!("ENABLE TRIGGER {}", quote::identifier(&fact.trigger));
                self.alter(oid, &fact.trigger, clause, ChangeAction::Alter, &[ChangeHazard::Locks])?;
                if let Some(trigger) = self.table_at_mut(oid)?.triggers.get_mut(&fact.trigger) {
                    trigger.enabled = 'O';
                }
                Ok(())
            }
            (DefinitionMatch::Same, _) => self.note_trigger(oid, fact, &source, known.comment.as_deref()),
            (DefinitionMatch::Recorded, _) => Ok(()),
        }
    }

    fn trigger_source(&self, oid: Oid, fact: &TriggerFact, on: &str) -> Result<String, Interruption> {
        let timing = match fact.timing {
            TriggerTiming::Before => "BEFORE",
            TriggerTiming::After => "AFTER",
            TriggerTiming::InsteadOf => "INSTEAD OF",
        };
        let mut events = Vec::new();
        for event in &fact.events {
            events.push(match event {
                TriggerEvent::Insert => "INSERT".to_owned(),
                TriggerEvent::Delete => "DELETE".to_owned(),
                TriggerEvent::Truncate => "TRUNCATE".to_owned(),
                TriggerEvent::Update(labels) if labels.is_empty() => "UPDATE".to_owned(),
                TriggerEvent::Update(labels) => {
                    let mut names = Vec::new();
                    for label in labels {
                        let number = self.field(oid, label)?;
                        let name = number.map(|number| self.column_name(oid, number)).transpose()?;
                        names.push(quote::identifier(name.as_deref().unwrap_or(label)));
                    }
                    format!("UPDATE OF {}", names.join(", "))
                }
            });
        }
        let each = if fact.each_row { "ROW" } else { "STATEMENT" };
        let when = fact.when.as_ref().map(|when| format!(" WHEN ({when})")).unwrap_or_default();
        Ok(format!(
            "CREATE TRIGGER {} {timing} {} ON {on} FOR EACH {each}{when} EXECUTE FUNCTION {}",
            quote::identifier(&fact.trigger),
            events.join(" OR "),
            fact.execute
        ))
    }

    fn create_trigger(
        &mut self,
        oid: Oid,
        fact: &TriggerFact,
        source: String,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        let object = format!("{}.{}", self.object_name(oid), fact.trigger);
        self.push(ChangeAction::Create, object, source.clone(), &[ChangeHazard::Locks]);
        self.note_trigger(oid, fact, &source, comment)?;
        let trigger =
            catalog::Trigger { function: 0, definition: source, enabled: 'O', ..catalog::Trigger::default() };
        self.table_at_mut(oid)?.triggers.insert(fact.trigger.clone(), trigger);
        Ok(())
    }

    fn drop_trigger(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let sql =
            format!("DROP TRIGGER {} ON {}", quote::identifier(name), self.table_at(oid)?.name.quoted());
        self.push(
            ChangeAction::Drop,
            format!("{}.{name}", self.object_name(oid)),
            sql,
            &[ChangeHazard::Locks],
        );
        self.table_at_mut(oid)?.triggers.remove(name);
        Ok(())
    }

    fn note_trigger(
        &mut self,
        oid: Oid,
        fact: &TriggerFact,
        source: &str,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.quoted();
        let printing = format!(
            "(SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger AS t \
             WHERE t.tgname = {} AND t.tgrelid = {}::pg_catalog.regclass)",
            quote::literal(&fact.trigger),
            quote::literal(&table)
        );
        let on = format!("TRIGGER {} ON {table}", quote::identifier(&fact.trigger));
        let object = format!("{}.{}", self.object_name(oid), fact.trigger);
        self.push(
            ChangeAction::Comment,
            object,
            note_sql(&CommentTarget::Named(on), source, &printing, comment),
            &[],
        );
        Ok(())
    }
}

/// A trigger's definition without the table: the parts before and after it.
fn parts(definition: &str) -> (String, String) {
    let (before, rest) = definition.split_once(" ON ").unwrap_or((definition, ""));
    let after = rest.find(" FOR EACH ").and_then(|at| rest.get(at..)).unwrap_or_default();
    (before.to_owned(), after.to_owned())
}
