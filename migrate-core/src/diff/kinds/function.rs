use crate::catalog::{self, FunctionKind, ObjectPart, Oid, QualifiedName};
use crate::diff::change::ChangeAction;
use crate::diff::definitions::{CommentTarget, note_sql};
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{FunctionFact, sql_type};
use crate::text::quote;

impl Planner {
    pub(crate) fn function(&mut self, fact: &FunctionFact) -> Result<(), Interruption> {
        let schema = fact.schema.clone().unwrap_or_else(|| self.schema.clone());
        let name = QualifiedName { schema: schema.clone(), name: fact.name.clone() };
        let Some(body) = fact.body.as_ref().filter(|_| fact.present) else {
            return match self.overload(&schema, &fact.name, &fact.arguments)? {
                Some(oid) => self.drop_function(oid),
                None => Ok(()),
            };
        };
        let source = statement(&name, &fact.arguments, &body.text);
        let noted = self.functions_named(&name).find(|(_, function)| {
            Planner::is_recorded(&source, &function.definition, function.comment.as_deref())
        });
        if noted.is_some() {
            return Ok(());
        }
        let (oid, printed) = match self.created_as(&name, vec![source.clone()]) {
            // It may use objects that are yet to be created.
            Err(Interruption::Ask(_))
                if !self.new_tables.is_empty() || self.is_pending() && !self.is_verifying() =>
            {
                return Err(Interruption::Ask(Question::MakeFirst));
            }
            answer => match answer? {
                Ok(created) => created,
                Err(reason) => return self.remake_function(fact, name, &source, &reason),
            },
        };
        let known = self.catalog.functions.get(&oid).cloned();
        let object = format!("{}.{}({})", name.schema, name.name, fact.arguments);
        let comment = known.as_ref().and_then(|known| known.comment.clone());
        let noted = noted_function(&name, &source, comment.as_deref());
        match &known {
            Some(known) if known.definition == printed && self.is_verifying() => {}
            Some(known) if known.definition == printed => {
                self.push(ChangeAction::Comment, object, noted, &[])
            }
            Some(_) => self.push(ChangeAction::Alter, object, noted, &[]),
            None => self.push(ChangeAction::Create, object, noted, &[]),
        }
        let function = catalog::Function {
            name,
            arguments: fact.arguments.clone(),
            types: fact.arguments.clone(),
            kind: FunctionKind::Function,
            owner: String::new(),
            language: String::new(),
            source: body.text.clone(),
            definition: printed,
            grants: known.and_then(|known| known.grants),
            comment,
        };
        let oid = if self.catalog.functions.contains_key(&oid) { oid } else { self.planned_oid() };
        self.put_function(oid, function);
        Ok(())
    }

    /// Creates a function again that can't be replaced in place, because its arguments have other names or it returns
    /// another type, and its dependent objects as they were.
    fn remake_function(
        &mut self,
        fact: &FunctionFact,
        name: QualifiedName,
        source: &str,
        reason: &str,
    ) -> Result<(), Interruption> {
        let refused =
            self.problem(ErrorKind::Sql, format!("the function is refused by the server: {reason}"));
        let Some(oid) = self.overload(&name.schema, &name.name, &fact.arguments)? else {
            return Err(refused.into());
        };
        self.require_renamed()?;
        let Some(known) = self.catalog.functions.get(&oid).cloned() else { return Err(refused.into()) };
        let dependents = self.dependents_of(ObjectPart::Function(oid))?;
        self.refuse_filled(&dependents)?;
        let mut sql = dependents.before;
        sql.push(format!("DROP ROUTINE {}({})", known.name.quoted(), known.arguments));
        let setup = sql.iter().cloned().chain([source.to_owned()]).collect();
        let printed = match self.created_as(&name, setup)? {
            Ok((_, printed)) => printed,
            Err(reason) => return Err(refused.note(format!("made again, too: {reason}")).into()),
        };
        sql.push(noted_function(&name, source, known.comment.as_deref()));
        let function = catalog::Function { arguments: fact.arguments.clone(), definition: printed, ..known };
        sql.extend(self.catalog.ddl().in_place().function_access(&function));
        sql.extend(dependents.after);
        let object = format!("{}.{}({})", name.schema, name.name, fact.arguments);
        self.push(ChangeAction::Alter, object, sql.join(";\n"), &[]);
        self.put_function(oid, function);
        self.mark_outdated();
        Ok(())
    }

    /// The number and definition of the function that a statement creates after others, tried and rolled back; or why
    /// the server refuses it.
    fn created_as(
        &self,
        name: &QualifiedName,
        setup: Vec<String>,
    ) -> Result<Result<(Oid, String), String>, Interruption> {
        let query = format!(
            "SELECT pg_catalog.concat(p.oid, ' ', pg_catalog.pg_get_functiondef(p.oid)) {}",
            youngest(name)
        );
        match self.ask(Question::Printed { setup, query })? {
            Answer::Value(Some(answer)) => {
                let (oid, definition) = answer.split_once(' ').unwrap_or_default();
                Ok(Ok((oid.parse().unwrap_or_default(), definition.to_owned())))
            }
            Answer::Refused(reason) => Ok(Err(reason.clone())),
            Answer::Value(None) | Answer::Unknown => Err(self
                .problem(ErrorKind::Standby, "a read-only server can't show whether the function is the same")
                .help("verify on the primary")
                .into()),
        }
    }

    fn drop_function(&mut self, oid: Oid) -> Result<(), Interruption> {
        let Some(function) = self.catalog.functions.remove(&oid) else { return Ok(()) };
        let sql = format!("DROP ROUTINE {}({})", function.name.quoted(), function.arguments);
        self.push(ChangeAction::Drop, format!("{}.{}", function.name.schema, function.name.name), sql, &[]);
        Ok(())
    }

    /// The function with this name and these arguments.
    pub(crate) fn overload(
        &self,
        schema: &str,
        name: &str,
        arguments: &str,
    ) -> Result<Option<Oid>, Interruption> {
        let name = QualifiedName { schema: schema.to_owned(), name: name.to_owned() };
        let wanted = types_of(arguments);
        let found = self.functions_named(&name).find(|(_, function)| types_of(&function.arguments) == wanted);
        Ok(found.map(|(oid, _)| oid))
    }
}

/// The statement, and the comment that records its result. The statement runs even if the function exists, so that the
/// function is the newest of its name.
fn noted_function(name: &QualifiedName, source: &str, comment: Option<&str>) -> String {
    let pick = format!("(SELECT p.oid {})", youngest(name));
    let printing = format!("pg_catalog.pg_get_functiondef({pick})");
    let on = CommentTarget::Computed { what: "ROUTINE", name: format!("{pick}::pg_catalog.regprocedure") };
    format!("{source};\n{}", note_sql(&on, source, &printing, comment))
}

/// Of the functions with one name, the one that was just written: by this transaction, and by its last command.
fn youngest(name: &QualifiedName) -> String {
    format!(
        "FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace \
         WHERE p.proname OPERATOR(pg_catalog.=) {} AND n.nspname OPERATOR(pg_catalog.=) {} \
         AND pg_catalog.age(p.xmin) OPERATOR(pg_catalog.<=) pg_catalog.age(pg_catalog.pg_current_xact_id()::pg_catalog.xid) \
         ORDER BY p.cmin::pg_catalog.text::pg_catalog.int8 DESC LIMIT 1",
        quote::literal(&name.name),
        quote::literal(&name.schema)
    )
}

/// A whole CREATE statement.
fn statement(name: &QualifiedName, arguments: &str, body: &str) -> String {
    let body = body.trim().trim_end_matches(';');
    let first = body.split_whitespace().next().unwrap_or_default();
    match first.eq_ignore_ascii_case("create") {
        true => body.to_owned(),
        false => format!("CREATE OR REPLACE FUNCTION {}({arguments}) {body}", name.quoted()),
    }
}

/// The types of arguments, without their names, modes and defaults; OUT arguments are not part of the signature.
fn types_of(arguments: &str) -> Vec<String> {
    split(arguments).iter().filter_map(|argument| type_of(argument)).collect()
}

fn type_of(argument: &str) -> Option<String> {
    let lower = argument.to_lowercase();
    let end =
        [" default ", " = ", "="].iter().filter_map(|mark| lower.find(mark)).min().unwrap_or(argument.len());
    let words: Vec<&str> = argument.get(..end)?.split_whitespace().collect();
    let (mode, words) = match words.split_first() {
        Some((first, rest))
            if ["in", "inout", "variadic", "out"].contains(&first.to_lowercase().as_str()) =>
        {
            (first.to_lowercase(), rest.to_vec())
        }
        _ => (String::new(), words),
    };
    if mode == "out" {
        return None;
    }
    let known = ["double", "character", "bit", "timestamp", "time", "national"];
    let named = words.len() > 1
        && !words
            .first()
            .is_some_and(|word| known.iter().any(|known| word.to_lowercase().starts_with(known)));
    let kind = if named { words.get(1..)?.join(" ") } else { words.join(" ") };
    Some(sql_type::canonical(&kind))
}

/// Splits at commas outside parentheses.
fn split(arguments: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for c in arguments.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::types_of;

    #[test]
    fn the_types_of_arguments_are_what_names_a_function() {
        assert_eq!(
            types_of("a int, b timestamptz DEFAULT now()"),
            types_of("integer, timestamp with time zone")
        );
        assert_eq!(types_of("double precision, OUT x text"), ["double precision"]);
        assert_eq!(types_of("x numeric(5, 2)"), ["numeric(5,2)"]);
        assert!(types_of(" ").is_empty());
    }
}
