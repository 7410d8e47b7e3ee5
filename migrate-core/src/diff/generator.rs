//! Generators: a trigger that fills in the members of an identity that a new row doesn't give.

use super::comment::Comment;
use super::edit::{comment_sql, qualified};
use super::{Action, Planner, Stop};
use crate::catalog::{Function, FunctionKind, Oid, Trigger};
use crate::facts::{Generator, mangle};
use crate::{ErrorKind, quote};

/// What the body of a function of ours begins with.
const MARK: &str = "-- made by migrate for the identity's generators";

/// The entry of the primary key's comment that says that they are ours, whatever became of the body.
const MAKER: &str = "made";

impl Planner {
    pub(super) fn keep_generator(
        &mut self,
        oid: Oid,
        label: &str,
        numbers: &[i16],
        generators: &[Option<Generator>],
    ) -> Result<(), Stop> {
        let name = mangle(&[label], Some("pk"));
        if generators.iter().all(Option::is_none) {
            return self.drop_own_generator(oid, &name);
        }
        let source = self.generator_source(oid, numbers, generators)?;
        let noted: Vec<String> = generators.iter().flatten().map(|one| word(*one).to_owned()).collect();
        let function = self.function_of(oid, &name)?;
        let trigger = self.at(oid)?.triggers.get(&name).cloned();
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
            // Another program's body is left alone where it makes the same.
            let same = if ours { *known_source == source } else { known.is_empty() || known == noted };
            if fires && same {
                return if ours { self.note_generators(oid, &name, &noted) } else { Ok(()) };
            }
        }
        self.make_generator(oid, &name, source, numbers, generators, trigger.is_some())?;
        self.note_generators(oid, &name, &noted)
    }

    /// Whether the comment of the primary key says that its generators are ours.
    fn is_our_generator(&self, oid: Oid, name: &str) -> Result<bool, Stop> {
        let comment = self.at(oid)?.constraints.get(name).and_then(|primary| primary.comment.as_deref());
        Ok(Comment::parse(comment).text(MAKER).is_some())
    }

    fn make_generator(
        &mut self,
        oid: Oid,
        name: &str,
        source: String,
        numbers: &[i16],
        generators: &[Option<Generator>],
        replaced: bool,
    ) -> Result<(), Stop> {
        let table = self.at(oid)?.name.clone();
        let function = self.beside(oid, name)?;
        let call = format!("{}()", qualified(&function));
        let tag = dollar(&source);
        let mut sql = format!(
            "CREATE OR REPLACE FUNCTION {call} RETURNS pg_catalog.trigger LANGUAGE plpgsql AS {tag}{source}{tag};\n"
        );
        let (trigger, on) = (quote::identifier(name), qualified(&table));
        if replaced {
            sql.push_str(&format!("DROP TRIGGER {trigger} ON {on};\n"));
        }
        let mut missing = Vec::new();
        for (number, _) in numbers.iter().zip(generators).filter(|(_, generator)| generator.is_some()) {
            missing.push(format!("NEW.{} IS NULL", quote::identifier(&self.column_name(oid, *number)?)));
        }
        let definition = format!(
            "CREATE TRIGGER {trigger} BEFORE INSERT ON {on} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION {call}",
            missing.join(" OR ")
        );
        sql.push_str(&definition);
        self.push(Action::Create, format!("{}.{name}", self.object(oid)), sql, &[]);
        let known = self.function_of(oid, name)?.map(|(oid, _)| oid);
        let number = known.unwrap_or_else(|| self.fresh_oid());
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
        self.at_mut(oid)?.triggers.insert(name.to_owned(), trigger);
        Ok(())
    }

    fn note_generators(&mut self, oid: Oid, name: &str, noted: &[String]) -> Result<(), Stop> {
        let Some(comment) = self.at(oid)?.constraints.get(name).map(|constraint| constraint.comment.clone())
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
        // The trigger's change comes after a fresh table is made, and so must this one.
        let on = format!("CONSTRAINT {} ON {}", quote::identifier(name), qualified(&self.at(oid)?.name));
        self.push(
            Action::Comment,
            format!("{}.{name}", self.object(oid)),
            comment_sql(&on, text.as_deref()),
            &[],
        );
        let made = !self.fresh.contains(&oid);
        if let Some(constraint) = self.at_mut(oid)?.constraints.get_mut(name).filter(|_| made) {
            constraint.comment = text;
        }
        Ok(())
    }

    /// Drops the trigger and function of a table's identity.
    pub(super) fn drop_generator(&mut self, oid: Oid) -> Result<(), Stop> {
        match self.primary(oid)? {
            Some((name, _)) => self.drop_own_generator(oid, &name),
            None => Ok(()),
        }
    }

    fn drop_own_generator(&mut self, oid: Oid, name: &str) -> Result<(), Stop> {
        let Some(trigger) = self.at(oid)?.triggers.get(name).cloned() else { return Ok(()) };
        let Some((function, source)) = self.function_of(oid, name)?.filter(|(it, _)| *it == trigger.function)
        else {
            return Ok(());
        };
        let ours = source.trim_start().starts_with(MARK) || !self.noted_generators(oid, name)?.is_empty();
        if !ours {
            return Ok(());
        }
        let table = self.at(oid)?.name.clone();
        let sql = format!(
            "DROP TRIGGER {} ON {};\nDROP FUNCTION {}()",
            quote::identifier(name),
            qualified(&table),
            qualified(&self.beside(oid, name)?)
        );
        self.push(Action::Drop, format!("{}.{name}", self.object(oid)), sql, &[]);
        self.at_mut(oid)?.triggers.remove(name);
        self.catalog.functions.remove(&function);
        self.note_generators(oid, name, &[])
    }

    /// The function without arguments of that name, in a table's schema.
    fn function_of(&self, oid: Oid, name: &str) -> Result<Option<(Oid, String)>, Stop> {
        let name = self.beside(oid, name)?;
        let found = self.functions_named(&name).find(|(_, function)| function.arguments.is_empty());
        Ok(found.map(|(oid, function)| (oid, function.source.clone())))
    }

    /// Makes the generators of a table anew after a name in them has changed.
    pub(super) fn rename_in_generator(&mut self, oid: Oid) -> Result<(), Stop> {
        // The identity's fact, which comes later in the list, sees that the source is another one and replaces it;
        // where there is none, the old source would name a column that is gone.
        let Some((name, numbers)) = self.primary(oid)? else { return Ok(()) };
        let noted = self.noted_generators(oid, &name)?;
        if noted.is_empty() || !self.at(oid)?.triggers.contains_key(&name) {
            return Ok(());
        }
        let mut generators = Vec::new();
        let source = self.function_of(oid, &name)?.map(|(_, source)| source).unwrap_or_default();
        for number in &numbers {
            generators.push(mentioned(&source, *number));
        }
        if generators.iter().all(Option::is_none) {
            return Ok(());
        }
        let source = self.generator_source(oid, &numbers, &generators)?;
        self.make_generator(oid, &name, source, &numbers, &generators, true)
    }

    fn generator_source(
        &self,
        oid: Oid,
        numbers: &[i16],
        generators: &[Option<Generator>],
    ) -> Result<String, Stop> {
        let table = qualified(&self.at(oid)?.name);
        let mut body = format!("\n{MARK}\nBEGIN\n");
        let mut preceding: Vec<String> = Vec::new();
        for (number, generator) in numbers.iter().zip(generators) {
            let column = self.column_at(oid, *number)?;
            let name = quote::identifier(&column.name);
            if let Some(generator) = generator {
                let value = self.generated(&table, &column.kind, &name, *generator, &preceding)?;
                body.push_str(&format!("    -- member {number}: {}\n", word(*generator)));
                body.push_str(&format!("    IF NEW.{name} IS NULL THEN\n{value}    END IF;\n"));
            }
            preceding.push(format!("t.{name} OPERATOR(pg_catalog.=) NEW.{name}"));
        }
        body.push_str("    RETURN NEW;\nEND\n");
        Ok(body)
    }

    fn generated(
        &self,
        table: &str,
        kind: &str,
        name: &str,
        generator: Generator,
        preceding: &[String],
    ) -> Result<String, Stop> {
        let integer = matches!(kind, "bigint" | "integer" | "smallint");
        let within = |also: &str| {
            let mut conditions = preceding.to_vec();
            if !also.is_empty() {
                conditions.push(also.to_owned());
            }
            if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
        };
        let unique = |value: &str| {
            format!(
                "        LOOP\n            NEW.{name} := {value};\n            EXIT WHEN NOT EXISTS \
                 (SELECT FROM {table} AS t WHERE t.{name} OPERATOR(pg_catalog.=) NEW.{name});\n        END LOOP;\n"
            )
        };
        match generator {
            Generator::Offset if integer => Ok(format!(
                "        NEW.{name} := (SELECT coalesce(pg_catalog.max(t.{name}), 0) OPERATOR(pg_catalog.+) 1 \
                 FROM {table} AS t{});\n",
                within("")
            )),
            // Past 999 the number grows a digit: padding cuts what is longer than the width.
            Generator::Offset if kind == "text" => {
                let digits = format!("t.{name} OPERATOR(pg_catalog.~) '^[0-9]{{3,18}}$'");
                Ok(format!(
                    "        NEW.{name} := (SELECT pg_catalog.lpad(n::pg_catalog.text, \
                     greatest(3, pg_catalog.length(n::pg_catalog.text)), '0') FROM (SELECT \
                     coalesce(pg_catalog.max(t.{name}::pg_catalog.int8), 0) OPERATOR(pg_catalog.+) 1 AS n FROM {table} AS t{}) AS next);\n",
                    within(&digits)
                ))
            }
            Generator::Random if integer => Ok(unique(
                "pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) 999999999)::pg_catalog.int4 \
                 OPERATOR(pg_catalog.+) 1",
            )),
            Generator::Random if kind == "text" => {
                let letter = "pg_catalog.substr('ABCDEFGHJKLMNPQRTUVWXYZ', \
                              pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) 23)::pg_catalog.int4 \
                              OPERATOR(pg_catalog.+) 1, 1)";
                let digits = |width: u32| {
                    format!(
                        "pg_catalog.lpad(pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) {})::pg_catalog.int4::pg_catalog.text, {width}, '0')",
                        10_u32.pow(width)
                    )
                };
                Ok(unique(&format!("pg_catalog.concat({letter}, {}, {letter}, {})", digits(2), digits(4))))
            }
            Generator::Uuid if kind == "text" => {
                Ok(format!("        NEW.{name} := pg_catalog.gen_random_uuid()::pg_catalog.text;\n"))
            }
            Generator::Uuid if kind == "uuid" => {
                Ok(format!("        NEW.{name} := pg_catalog.gen_random_uuid();\n"))
            }
            generator => {
                let message = format!("generator `{}` makes no values of type `{kind}`", word(generator));
                Err(self
                    .problem(ErrorKind::Format, message)
                    .help("`offset` and `random` fill columns of type integer and text, `uuid` of type text and uuid")
                    .into())
            }
        }
    }
}

fn word(generator: Generator) -> &'static str {
    match generator {
        Generator::Offset => "offset",
        Generator::Random => "random",
        Generator::Uuid => "uuid",
    }
}

/// What a function of ours says about a member.
fn mentioned(source: &str, number: i16) -> Option<Generator> {
    let line = source.lines().find_map(|line| line.trim().strip_prefix(&format!("-- member {number}: ")))?;
    match line {
        "offset" => Some(Generator::Offset),
        "random" => Some(Generator::Random),
        "uuid" => Some(Generator::Uuid),
        _ => None,
    }
}

/// A dollar quote that the text doesn't contain.
pub(super) fn dollar(text: &str) -> String {
    let mut tag = "$body$".to_owned();
    let mut next = 0;
    while text.contains(&tag) {
        next += 1;
        tag = format!("$body{next}$");
    }
    tag
}
