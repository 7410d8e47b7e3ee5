//! Generators: a trigger that generates the members of an identity that a new row doesn't give.

use super::generator_body::{GeneratedMember, MARK, mentioned, word};
use crate::catalog::{Function, FunctionKind, Oid, Trigger};
use crate::diff::change::ChangeAction;
use crate::diff::definitions::{Comment, dollar_tag};
use crate::diff::edit::comment_sql;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::mangle;
use crate::text::quote;

/// The entry in the primary key's comment that marks the generators as ours, even if the body was changed.
const MAKER: &str = "made";

impl Planner {
    pub(crate) fn keep_generator(
        &mut self,
        oid: Oid,
        label: &str,
        members: &[GeneratedMember],
    ) -> Result<(), Interruption> {
        let name = mangle(&[label], Some("pk"));
        if members.iter().all(|(_, generator)| generator.is_none()) {
            return self.drop_own_generator(oid, &name);
        }
        let source = self.generator_source(oid, members)?;
        let noted: Vec<String> =
            members.iter().filter_map(|(_, generator)| *generator).map(|one| word(one).to_owned()).collect();
        let function = self.function_of(oid, &name)?;
        let trigger = self.table_at(oid)?.triggers.get(&name).cloned();
        let fires = trigger.as_ref().is_some_and(|trigger| {
            trigger.enabled != 'D'
                && function.as_ref().is_some_and(|(function, _)| *function == trigger.function)
        });
        let known = self.noted_generators(oid, &name)?;
        if let Some((_, known_source)) = &function {
            let ours = known_source.trim_start().starts_with(MARK) || self.is_our_generator(oid, &name)?;
            if !ours && known.is_empty() && !fires {
                let message = format!("there is a function `{name}()` that was not made for generators");
                return Err(self
                    .problem(ErrorKind::Duplicate, message)
                    .help("give it another name: the generators of the identity need this one")
                    .into());
            }
            // A function body of another program is left unchanged if it has the same generators.
            let same = if ours { *known_source == source } else { known.is_empty() || known == noted };
            if fires && same {
                return if ours { self.note_generators(oid, &name, &noted) } else { Ok(()) };
            }
        }
        self.make_generator(oid, &name, source, members, trigger.is_some())?;
        self.note_generators(oid, &name, &noted)
    }

    /// Whether the comment of the primary key marks the generators as ours.
    fn is_our_generator(&self, oid: Oid, name: &str) -> Result<bool, Interruption> {
        let comment =
            self.table_at(oid)?.constraints.get(name).and_then(|primary| primary.comment.as_deref());
        Ok(Comment::parse(comment).text(MAKER).is_some())
    }

    fn make_generator(
        &mut self,
        oid: Oid,
        name: &str,
        source: String,
        members: &[GeneratedMember],
        replaced: bool,
    ) -> Result<(), Interruption> {
        let table = self.table_at(oid)?.name.clone();
        let function = self.in_schema_of(oid, name)?;
        let call = format!("{}()", function.quoted());
        let tag = dollar_tag(&source);
        let mut sql = format!(
            "CREATE OR REPLACE FUNCTION {call} RETURNS pg_catalog.trigger LANGUAGE plpgsql AS {tag}{source}{tag};\n"
        );
        let (trigger, on) = (quote::identifier(name), table.quoted());
        if replaced {
            sql.push_str(&format!("DROP TRIGGER {trigger} ON {on};\n"));
        }
        let mut missing = Vec::new();
        for (number, _) in members.iter().filter(|(_, generator)| generator.is_some()) {
            missing.push(format!("NEW.{} IS NULL", quote::identifier(&self.column_name(oid, *number)?)));
        }
        let definition = format!(
            "CREATE TRIGGER {trigger} BEFORE INSERT ON {on} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION {call}",
            missing.join(" OR ")
        );
        sql.push_str(&definition);
        self.push(ChangeAction::Create, format!("{}.{name}", self.object_name(oid)), sql, &[]);
        let known = self.function_of(oid, name)?.map(|(oid, _)| oid);
        let number = known.unwrap_or_else(|| self.planned_oid());
        let function = Function {
            name: function,
            arguments: String::new(),
            kind: FunctionKind::Function,
            language: "plpgsql".into(),
            source,
            ..Function::default()
        };
        self.put_function(number, function);
        let trigger = Trigger { function: number, definition, enabled: 'O', ..Trigger::default() };
        self.table_at_mut(oid)?.triggers.insert(name.to_owned(), trigger);
        Ok(())
    }

    fn note_generators(&mut self, oid: Oid, name: &str, noted: &[String]) -> Result<(), Interruption> {
        let Some(comment) =
            self.table_at(oid)?.constraints.get(name).map(|constraint| constraint.comment.clone())
        else {
            return Ok(());
        };
        let mut parsed = Comment::parse(comment.as_deref());
        let ours = noted.is_empty() || parsed.text(MAKER).is_some();
        if ours && parsed.list("generators").iter().eq(noted) || self.is_verifying() {
            return Ok(());
        }
        parsed.set_list("generators", noted);
        parsed.set_text(MAKER, (!noted.is_empty()).then_some("migrate"));
        let text = parsed.render();
        // The trigger is created after a new table, so this change must come after it too.
        let on = format!("CONSTRAINT {} ON {}", quote::identifier(name), self.table_at(oid)?.name.quoted());
        self.push(
            ChangeAction::Comment,
            format!("{}.{name}", self.object_name(oid)),
            comment_sql(&on, text.as_deref()),
            &[],
        );
        let is_old = !self.new_tables.contains(&oid);
        if let Some(constraint) = self.table_at_mut(oid)?.constraints.get_mut(name).filter(|_| is_old) {
            constraint.comment = text;
        }
        Ok(())
    }

    /// Drops the trigger and function of a table's identity.
    pub(crate) fn drop_generator(&mut self, oid: Oid) -> Result<(), Interruption> {
        match self.primary(oid)? {
            Some((name, _)) => self.drop_own_generator(oid, &name),
            None => Ok(()),
        }
    }

    fn drop_own_generator(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let Some(trigger) = self.table_at(oid)?.triggers.get(name).cloned() else { return Ok(()) };
        let Some((function, source)) = self.function_of(oid, name)?.filter(|(it, _)| *it == trigger.function)
        else {
            return Ok(());
        };
        let ours = source.trim_start().starts_with(MARK) || !self.noted_generators(oid, name)?.is_empty();
        if !ours {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.clone();
        let sql = format!(
            "DROP TRIGGER {} ON {};\nDROP FUNCTION {}()",
            quote::identifier(name),
            table.quoted(),
            self.in_schema_of(oid, name)?.quoted()
        );
        self.push(ChangeAction::Drop, format!("{}.{name}", self.object_name(oid)), sql, &[]);
        self.table_at_mut(oid)?.triggers.remove(name);
        self.catalog.functions.remove(&function);
        self.note_generators(oid, name, &[])
    }

    /// The function of this name without arguments, in a table's schema.
    fn function_of(&self, oid: Oid, name: &str) -> Result<Option<(Oid, String)>, Interruption> {
        let name = self.in_schema_of(oid, name)?;
        let found = self.functions_named(&name).find(|(_, function)| function.arguments.is_empty());
        Ok(found.map(|(oid, function)| (oid, function.source.clone())))
    }

    /// Creates the generators of a table again after a name in them has changed.
    pub(crate) fn rename_in_generator(&mut self, oid: Oid) -> Result<(), Interruption> {
        // The identity's fact comes later in the list and would replace the changed source. Without such a fact, the
        // old source would name a column that no longer exists.
        let Some((name, numbers)) = self.primary(oid)? else { return Ok(()) };
        let noted = self.noted_generators(oid, &name)?;
        if noted.is_empty() || !self.table_at(oid)?.triggers.contains_key(&name) {
            return Ok(());
        }
        let source = self.function_of(oid, &name)?.map(|(_, source)| source).unwrap_or_default();
        let members: Vec<GeneratedMember> =
            numbers.iter().map(|number| (*number, mentioned(&source, *number))).collect();
        if members.iter().all(|(_, generator)| generator.is_none()) {
            return Ok(());
        }
        let source = self.generator_source(oid, &members)?;
        self.make_generator(oid, &name, source, &members, true)
    }
}
