use std::fmt;

use crate::catalog::QualifiedName;
use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::text::quote;

/// The collation of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollationName {
    /// Its schema, if the fact names one.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
}

impl CollationName {
    /// A name as it is, such as `C` or `de_DE.utf8`; or SQL, if it has double quotes: `"C"`, `app."german"`.
    pub(crate) fn read(node: &DocumentNode) -> Result<CollationName, Error> {
        let text = node.text()?.trim();
        CollationName::parse(text).ok_or_else(|| {
            node.error(format!("`{text}` is not the name of a collation"))
                .help("write one of pg_collation, such as `C`, `de-x-icu` or `SCHEMA.\"NAME\"`")
        })
    }

    fn parse(text: &str) -> Option<CollationName> {
        if !text.contains('"') {
            let fine = !text.is_empty() && !text.contains(char::is_whitespace);
            return fine.then(|| CollationName { schema: None, name: text.to_owned() });
        }
        CollationName::of_sql(text)
    }

    /// The collation that SQL names.
    pub(crate) fn of_sql(text: &str) -> Option<CollationName> {
        let (first, rest) = QualifiedName::printed_part(text.trim())?;
        match rest.strip_prefix('.').map(QualifiedName::printed_part) {
            None if rest.is_empty() => Some(CollationName { schema: None, name: first }),
            Some(Some((name, ""))) => Some(CollationName { schema: Some(first), name }),
            _ => None,
        }
    }

    pub(crate) fn sql(&self) -> String {
        let schema = self.schema.as_ref().map(|schema| quote::identifier(schema) + ".");
        schema.unwrap_or_default() + &quote::identifier(&self.name)
    }

    /// Whether the server means this collation with what it printed.
    pub(crate) fn is(&self, printed: &str) -> bool {
        CollationName::of_sql(printed).is_some_and(|known| {
            known.name == self.name && (self.schema.is_none() || known.schema == self.schema)
        })
    }
}

impl fmt::Display for CollationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(_) => f.write_str(&self.sql()),
            None => f.write_str(&self.name),
        }
    }
}
