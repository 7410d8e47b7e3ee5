use super::fact::Fact;
use crate::error::Error;
use crate::facts::document::{DocumentNode, PATH_HELP, parse_file};
use crate::facts::language::{Clauses, PrintedClauses};

/// Facts of another file.
#[derive(Debug, Clone, PartialEq)]
pub struct IncludeFact {
    /// The file as the fact names it; `BUNDLE:/path` for a file of another bundle.
    pub path: String,
    /// Its facts; `None` for a file of another bundle that can't be read here.
    pub facts: Option<Vec<Fact>>,
}

impl IncludeFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<IncludeFact> {
        let reader = clauses.reader;
        let open = |node: &DocumentNode| -> Result<IncludeFact, Error> {
            let path = node.text()?.to_owned();
            let facts = match reader.open(&node.source, node.position, &path, PATH_HELP)? {
                Some(source) => Some(Fact::list(reader, parse_file(reader, &source, 0)?.as_ref())),
                None => None,
            };
            Ok(IncludeFact { path, facts })
        };
        let include = clauses.value("include", open);
        clauses.finish();
        include
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("include", &self.path)
    }
}
