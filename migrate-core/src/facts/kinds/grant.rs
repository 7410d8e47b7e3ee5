use super::function::signature;
use crate::error::Error;
use crate::facts::document::{Content, DocumentNode, MapEntry};
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label, nearest, words};
use crate::facts::values::Value;

/// Privileges hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFact {
    /// Upper-case words, such as `SELECT`; `ALL`.
    pub privileges: Vec<String>,
    /// On what.
    pub on: GrantTarget,
    /// The roles; `public` is everybody.
    pub to: Vec<String>,
    /// Whether the roles should have them.
    pub present: bool,
}

/// The object of privileges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantTarget {
    /// `on: TABLE`, or `{table: TABLE}`: a table or view.
    Table(TableName),
    /// `{schema: NAME}`
    Schema(String),
    /// `{sequence: NAME}`
    Sequence(TableName),
    /// `{function: NAME(args)}`
    Function {
        /// Its schema, if the fact names one.
        schema: Option<String>,
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: String,
    },
    /// `{database: true}`: the database that is deployed to.
    Database,
    /// `{default: tables, schema: NAME, role: NAME}`: objects that a role will create.
    Default {
        /// `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES` or `SCHEMAS`.
        objects: String,
        /// Only in that schema.
        schema: Option<String>,
        /// The role that creates them; the one that deploys, if the fact names none.
        role: Option<String>,
    },
}

impl GrantFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<GrantFact> {
        let present = clauses.present(&["on", "to"]);
        let within = clauses.within;
        let on = match (clauses.entry("on"), within) {
            (None, Some(within)) => Some(GrantTarget::Table(within.table.clone())),
            _ => clauses.value("on", GrantTarget::read),
        };
        if within.is_none() && clauses.entry("on").is_none() {
            clauses.problem("the grant is on nothing", "add `on:`, or put the fact under a table's `with:`");
        }
        let to = clauses.value("to", |node| label::each(node, label::role));
        if to.as_ref().is_none_or(Vec::is_empty) && clauses.entry("to").is_none_or(|_| to.is_some()) {
            clauses.problem("the grant is to nobody", "add `to:` and a role; `public` is everybody");
        }
        let known = on.as_ref().map_or(ALL, GrantTarget::privileges);
        let privileges = clauses.value("grant", |node| label::each(node, |node| privilege(node, known)));
        if privileges.as_ref().is_some_and(Vec::is_empty) {
            clauses.problem_at("grant", "nothing is granted", "name privileges: `grant: [select]`");
        }
        clauses.finish();
        Some(GrantFact { privileges: privileges?, on: on?, to: to?, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let around = within.is_some_and(|within| self.on == GrantTarget::Table(within.table.clone()));
        PrintedClauses::new("grant", self.privileges.iter().map(Value::from).collect::<Vec<_>>())
            .some("on", (!around).then(|| self.on.words()))
            .list("to", &self.to)
            .unless("present", self.present, true)
    }
}

/// The privileges of PostgreSQL (table 5.2 of its manual), with spaces between them.
const ALL: &str = "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER MAINTAIN \
     USAGE CREATE EXECUTE CONNECT TEMPORARY ALL";

fn privilege(node: &DocumentNode, known: &str) -> Result<String, Error> {
    let text = node.text()?.trim().to_uppercase();
    let word = match text.as_str() {
        "ALL PRIVILEGES" => "ALL",
        "TEMP" => "TEMPORARY",
        text => text,
    };
    if known.split(' ').any(|known| known == word) {
        return Ok(word.to_owned());
    }
    let problem = node.error(match ALL.split(' ').any(|known| known == word) {
        true => format!("`{word}` is not a privilege on that kind of object"),
        false => format!("there is no privilege `{text}`"),
    });
    Err(match nearest(&text, known.to_lowercase().split(' ')) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!("they are {}", words(&known.split(' ').collect::<Vec<_>>()))),
    })
}

impl GrantTarget {
    fn read(node: &DocumentNode) -> Result<GrantTarget, Error> {
        let Content::Map(entries) = &node.content else {
            return Ok(GrantTarget::Table(TableName::read_named(node)?));
        };
        if entries.iter().any(|entry| &*entry.key == "default") {
            return defaults(node, entries);
        }
        let [entry] = &**entries else {
            return Err(node.error("a grant is on one object").help(OBJECTS));
        };
        let MapEntry { key, value, .. } = entry;
        match &**key {
            "table" | "view" => Ok(GrantTarget::Table(TableName::read_named(value)?)),
            "schema" => Ok(GrantTarget::Schema(label::name(value)?)),
            "sequence" => Ok(GrantTarget::Sequence(TableName::read_named(value)?)),
            "function" => {
                let (schema, name, arguments) = label::signature(value)?;
                Ok(GrantTarget::Function { schema, name, arguments })
            }
            "database" => match value.truth()? {
                true => Ok(GrantTarget::Database),
                false => Err(value.error("a grant on no database").help("write `{database: true}`")),
            },
            _ => Err(entry.error(&node.source, format!("nothing is granted on a `{key}`")).help(OBJECTS)),
        }
    }

    /// The privileges that can be granted on it, separated by spaces.
    fn privileges(&self) -> &'static str {
        match self {
            GrantTarget::Table(_) => "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER MAINTAIN ALL",
            GrantTarget::Schema(_) => "USAGE CREATE ALL",
            GrantTarget::Sequence(_) => "USAGE SELECT UPDATE ALL",
            GrantTarget::Function { .. } => "EXECUTE ALL",
            GrantTarget::Database => "CREATE CONNECT TEMPORARY ALL",
            GrantTarget::Default { objects, .. } => match objects.as_str() {
                "TABLES" => "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER MAINTAIN ALL",
                "SEQUENCES" => "USAGE SELECT UPDATE ALL",
                "FUNCTIONS" => "EXECUTE ALL",
                "SCHEMAS" => "USAGE CREATE ALL",
                _ => "USAGE ALL",
            },
        }
    }

    /// Its word or value in facts.
    fn words(&self) -> Value {
        let (key, value) = match self {
            GrantTarget::Table(table) => return table.to_string().into(),
            GrantTarget::Schema(name) => ("schema", name.into()),
            GrantTarget::Sequence(name) => ("sequence", name.to_string().into()),
            GrantTarget::Function { schema, name, arguments } => {
                ("function", signature(schema.as_deref(), name, arguments).into())
            }
            GrantTarget::Database => ("database", Value::Bool(true)),
            GrantTarget::Default { objects, schema, role } => {
                let mut clauses = vec![("default".to_owned(), objects.to_lowercase().into())];
                clauses.extend(schema.iter().map(|schema| ("schema".to_owned(), schema.into())));
                clauses.extend(role.iter().map(|role| ("role".to_owned(), role.into())));
                return Value::Map(clauses);
            }
        };
        Value::Map(vec![(key.to_owned(), value)])
    }
}

/// `{default: OBJECTS, schema: NAME, role: NAME}`
fn defaults(node: &DocumentNode, entries: &[MapEntry]) -> Result<GrantTarget, Error> {
    let (mut kind, mut schema, mut role) = (String::new(), None, None);
    for entry in entries {
        match &*entry.key {
            "default" => kind = objects(&entry.value)?,
            "schema" => schema = Some(label::name(&entry.value)?),
            "role" => role = Some(label::role(&entry.value)?),
            other => {
                let message = format!("a grant on future objects has no `{other}`");
                return Err(entry
                    .error(&node.source, message)
                    .help("write `{default: tables, schema: NAME, role: NAME}`"));
            }
        }
    }
    if schema.is_some() && kind == "SCHEMAS" {
        return Err(node.error("schemas are in no schema").help("leave `schema:` out: `{default: schemas}`"));
    }
    Ok(GrantTarget::Default { objects: kind, schema, role })
}

fn objects(node: &DocumentNode) -> Result<String, Error> {
    let word = node.text()?.to_uppercase();
    match ["TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS"].contains(&word.as_str()) {
        true => Ok(word),
        false => Err(node
            .error(format!("`{}` is not a kind of objects", word.to_lowercase()))
            .help("it is `tables`, `sequences`, `functions`, `types` or `schemas`")),
    }
}

const OBJECTS: &str = "write `on: TABLE`, or `on: {schema: NAME}`, `{sequence: NAME}`, `{function: NAME(ARGUMENTS)}`, `{database: true}` or `{default: tables}`";
