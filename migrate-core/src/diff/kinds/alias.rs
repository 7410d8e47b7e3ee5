use crate::catalog::{Function, FunctionKind, Oid, QualifiedName};
use crate::diff::change::ChangeAction;
use crate::diff::definitions::{Comment, dollar_tag, probe};
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{AliasFact, mangle};
use crate::rows::TypeName;
use crate::text::quote;

impl Planner {
    pub(crate) fn alias(&mut self, fact: &AliasFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        self.keep_expression(oid, fact)?;
        match (&fact.sql, fact.present) {
            (Some(sql), true) => self.keep_function(oid, fact, sql),
            _ => self.drop_alias(oid, fact),
        }
    }

    /// Stores an expression of RexDB in the table's comment.
    fn keep_expression(&mut self, oid: Oid, fact: &AliasFact) -> Result<(), Interruption> {
        let comment = self.table_at(oid)?.comment.clone();
        let mut parsed = Comment::parse(comment.as_deref());
        let mut aliases = parsed.list("aliases");
        let stands = |alias: &String| {
            let label = alias.split([' ', '(', ':']).next().unwrap_or_default();
            label == fact.label
        };
        let at = aliases.iter().position(stands);
        let wanted = fact.expression.as_ref().filter(|_| fact.present).map(|expression| {
            let parameters: Vec<String> = fact.parameters.iter().map(|name| format!("${name}")).collect();
            let parameters =
                if parameters.is_empty() { String::new() } else { format!("({})", parameters.join(", ")) };
            format!("{}{parameters} := {expression}", fact.label)
        });
        match (at, wanted) {
            (None, None) => return Ok(()),
            (Some(at), Some(wanted))
                if aliases.get(at).is_some_and(|known| squeezed(known) == squeezed(&wanted)) =>
            {
                return Ok(());
            }
            (at, wanted) => {
                let at = at.unwrap_or(aliases.len());
                aliases.splice(at..(at + 1).min(aliases.len()), wanted);
            }
        }
        parsed.set_list("aliases", &aliases);
        self.comment_table(oid, parsed.render())
    }

    /// Creates or keeps a function of the row.
    fn keep_function(&mut self, oid: Oid, fact: &AliasFact, sql: &str) -> Result<(), Interruption> {
        if !fact.parameters.is_empty() {
            let message = format!("alias `{}` has parameters and is written in SQL", fact.label);
            return Err(self
                .problem(ErrorKind::Unsupported, message)
                .help("declare a `function` fact instead")
                .into());
        }
        let name = self.in_schema_of(oid, &mangle(&[&fact.label], None))?;
        let table = self.table_at(oid)?.name.clone();
        let row = quote::identifier(&table.name);
        let source = format!("SELECT ({sql}) FROM (SELECT ($1).*) AS {row}");
        let known = self.function_of_row(&name, &table);
        if known.is_some_and(|oid| self.catalog.functions.get(&oid).is_some_and(|it| it.source == source)) {
            return Ok(());
        }
        self.require_created(oid)?;
        let kind = self.type_of_expression(sql, &table)?;
        let signature = format!("{}({})", name.quoted(), table.quoted());
        let tag = dollar_tag(&source);
        let dropped = if known.is_some() { format!("DROP FUNCTION {signature};\n") } else { String::new() };
        let statement = format!(
            "{dropped}CREATE FUNCTION {signature} RETURNS {kind} LANGUAGE sql STABLE AS {tag}{source}{tag}"
        );
        self.push(ChangeAction::Create, format!("{}.{}", self.object_name(oid), fact.label), statement, &[]);
        let number = known.unwrap_or_else(|| self.planned_oid());
        let function = Function {
            name,
            arguments: format!("{}.{}", table.schema, table.name),
            kind: FunctionKind::Function,
            language: "sql".into(),
            source,
            ..Function::default()
        };
        self.put_function(number, function);
        Ok(())
    }

    fn type_of_expression(&self, sql: &str, table: &QualifiedName) -> Result<String, Interruption> {
        let probe = probe(&table.schema);
        let view = format!(
            "CREATE VIEW {probe} AS SELECT ({sql}) AS value FROM {} AS {}",
            table.quoted(),
            quote::identifier(&table.name)
        );
        let query = format!(
            "SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute \
             WHERE attrelid = {}::pg_catalog.regclass AND attnum = 1",
            quote::literal(&probe)
        );
        match self.ask(Question::Printed { setup: vec![view], query })? {
            Answer::Value(Some(kind)) => Ok(TypeName::parse(kind).cast()),
            Answer::Refused(reason) => Err(self
                .problem(ErrorKind::Sql, format!("the alias is refused by the server: {reason}"))
                .note(sql.to_owned())
                .into()),
            Answer::Value(None) | Answer::Unknown => Err(self
                .problem(ErrorKind::Standby, "a read-only server can't show the type of the alias")
                .into()),
        }
    }

    fn function_of_row(&self, name: &QualifiedName, table: &QualifiedName) -> Option<Oid> {
        let row = format!("{}.{}", table.schema, table.name);
        let bare = |arguments: &str| arguments.replace('"', "");
        self.functions_named(name).find(|(_, it)| bare(&it.arguments) == row).map(|(oid, _)| oid)
    }

    fn drop_alias(&mut self, oid: Oid, fact: &AliasFact) -> Result<(), Interruption> {
        let name = self.in_schema_of(oid, &mangle(&[&fact.label], None))?;
        let table = self.table_at(oid)?.name.clone();
        let Some(function) = self.function_of_row(&name, &table) else { return Ok(()) };
        let sql = format!("DROP FUNCTION {}({})", name.quoted(), table.quoted());
        self.push(ChangeAction::Drop, format!("{}.{}", self.object_name(oid), fact.label), sql, &[]);
        self.catalog.functions.remove(&function);
        Ok(())
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
