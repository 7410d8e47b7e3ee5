use crate::catalog::{AclItem, DefaultGrant, PRIVILEGES, role};
use crate::diff::change::ChangeAction;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{GrantFact, GrantTarget};
use crate::text::quote;

impl Planner {
    pub(crate) fn grant(&mut self, fact: &GrantFact) -> Result<(), Interruption> {
        let prefix = defaults(fact);
        let (on, all, items) = self.object_of(fact)?;
        let wanted = self.letters(fact, all)?;
        for role in &fact.to {
            let to = if role == "public" { "" } else { role };
            let held = items.iter().filter_map(|item| AclItem::parse(item)).find(|held| held.to == to);
            let to_do: Vec<&str> = wanted
                .iter()
                .filter(|(letter, _)| held.as_ref().is_some_and(|held| held.has(*letter)) != fact.present)
                .map(|(_, word)| *word)
                .collect();
            if to_do.is_empty() {
                continue;
            }
            let (verb, way) = if fact.present { ("GRANT", "TO") } else { ("REVOKE", "FROM") };
            let sql = format!("{prefix}{verb} {} ON {on} {way} {}", to_do.join(", "), grantee(role));
            self.push(ChangeAction::Grant, format!("{on} {way} {role}"), sql, &[]);
        }
        Ok(())
    }

    /// An object as GRANT names it, the letters of all its privileges, and the privileges that are granted.
    fn object_of(&mut self, fact: &GrantFact) -> Result<(String, &'static str, Vec<String>), Interruption> {
        let found = match &fact.on {
            GrantTarget::Table(table) => {
                let oid = self.find(&self.name(table)).or_else(|| self.find(&self.as_written(table)));
                let Some(oid) = oid else {
                    return Err(self.nothing(&format!("table or view `{}`", table)));
                };
                let all = if self.catalog.server >= 170_000 { "arwdDxtm" } else { "arwdDxt" };
                let table = self.table_at(oid)?;
                (format!("TABLE {}", table.name.quoted()), all, table.grants.clone())
            }
            GrantTarget::Schema(name) => {
                let Some(schema) = self.catalog.namespaces.get(name) else {
                    return Err(self.nothing(&format!("schema `{name}`")));
                };
                (format!("SCHEMA {}", quote::identifier(name)), "UC", schema.grants.clone())
            }
            GrantTarget::Sequence(sequence) => {
                let name = self.as_written(sequence);
                let found = self.catalog.sequences.values().find(|known| known.name == name);
                match found {
                    Some(known) => (format!("SEQUENCE {}", name.quoted()), "rwU", known.grants.clone()),
                    // A sequence that is created with its table does not exist before.
                    None => {
                        return Err(match self.new_tables.is_empty() {
                            true => self.nothing(&format!("sequence `{}`", sequence)),
                            false => Interruption::Ask(Question::MakeFirst),
                        });
                    }
                }
            }
            GrantTarget::Function { schema, name, arguments } => {
                let schema = schema.clone().unwrap_or_else(|| self.schema.clone());
                let found = self.overload(&schema, name, arguments)?;
                let Some(function) = found.and_then(|oid| self.catalog.functions.get(&oid)) else {
                    return Err(self.nothing(&format!("function `{name}({arguments})`")));
                };
                let on = format!("ROUTINE {}({})", function.name.quoted(), function.arguments);
                (on, "X", Some(function.grants.clone().unwrap_or_else(|| vec!["=X/".to_owned()])))
            }
            GrantTarget::Default { objects, schema, role } => {
                return self.default_privileges(objects, schema.clone(), role.as_deref());
            }
            GrantTarget::Database => {
                let items = "SELECT pg_catalog.array_to_string(coalesce(datacl, pg_catalog.acldefault('d', datdba)), \
                             pg_catalog.chr(10)) FROM pg_catalog.pg_database \
                             WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()";
                let name = "SELECT pg_catalog.quote_ident(pg_catalog.current_database())";
                let items = match self.ask(Question::Value(items.to_owned()))? {
                    Answer::Value(Some(items)) => items.lines().map(str::to_owned).collect(),
                    _ => Vec::new(),
                };
                let name = match self.ask(Question::Value(name.to_owned()))? {
                    Answer::Value(Some(name)) => name.clone(),
                    _ => String::new(),
                };
                return Ok((format!("DATABASE {name}"), "CcT", items));
            }
        };
        Ok((found.0, found.1, found.2.unwrap_or_default()))
    }

    /// The privileges that objects of a role will have.
    fn default_privileges(
        &self,
        objects: &str,
        schema: Option<String>,
        role: Option<&str>,
    ) -> Result<(String, &'static str, Vec<String>), Interruption> {
        let role = match role {
            Some(role) => role.to_owned(),
            None => match self.ask(Question::Value("SELECT current_user::pg_catalog.text".to_owned()))? {
                Answer::Value(Some(role)) => role.clone(),
                _ => String::new(),
            },
        };
        let all = match objects {
            "TABLES" if self.catalog.server >= 170_000 => "arwdDxtm",
            "TABLES" => "arwdDxt",
            "SEQUENCES" => "rwU",
            "FUNCTIONS" => "X",
            "SCHEMAS" => "UC",
            _ => "U",
        };
        // Without an entry for all schemas, PostgreSQL's own defaults count.
        let otherwise = match (objects, &schema) {
            ("FUNCTIONS", None) => vec!["=X/".to_owned()],
            ("TYPES", None) => vec!["=U/".to_owned()],
            _ => Vec::new(),
        };
        let key = DefaultGrant { role, schema, objects: objects.to_owned() };
        let items = self.catalog.default_grants.get(&key).cloned();
        Ok((objects.to_owned(), all, items.unwrap_or(otherwise)))
    }

    fn nothing(&self, what: &str) -> Interruption {
        self.problem(ErrorKind::Missing, format!("there is no {what}"))
            .help("declare it before the grant")
            .into()
    }

    fn letters(&self, fact: &GrantFact, all: &str) -> Result<Vec<(char, &'static str)>, Interruption> {
        let mut wanted = Vec::new();
        for privilege in &fact.privileges {
            let upper = privilege.to_uppercase();
            if upper == "ALL" || upper == "ALL PRIVILEGES" {
                wanted.extend(PRIVILEGES.iter().filter(|(letter, _)| all.contains(*letter)).copied());
                continue;
            }
            let upper = if upper == "TEMP" { "TEMPORARY".to_owned() } else { upper };
            match PRIVILEGES.iter().find(|(letter, word)| *word == upper && all.contains(*letter)) {
                Some(found) => wanted.push(*found),
                None => {
                    let possible = PRIVILEGES.iter().filter(|(letter, _)| all.contains(*letter));
                    let possible: Vec<&str> = possible.map(|(_, word)| *word).collect();
                    let message = format!("`{privilege}` is not a privilege on such an object");
                    return Err(self
                        .problem(ErrorKind::Format, message)
                        .help(format!("they are {}, or ALL", possible.join(", ")))
                        .into());
                }
            }
        }
        Ok(wanted)
    }
}

/// What comes before a GRANT of default privileges.
fn defaults(fact: &GrantFact) -> String {
    let GrantTarget::Default { schema, role: by, .. } = &fact.on else { return String::new() };
    let by = by.as_ref().map(|by| format!(" FOR ROLE {}", quote::identifier(by))).unwrap_or_default();
    let schema = schema.as_ref().map(|schema| format!(" IN SCHEMA {}", quote::identifier(schema)));
    format!("ALTER DEFAULT PRIVILEGES{by}{} ", schema.unwrap_or_default())
}

/// Facts write `public` for everybody.
fn grantee(name: &str) -> String {
    role(if name == "public" { "" } else { name })
}
