use super::Fact;
use super::clauses::Clauses;
use super::node::Node;
use super::printed::Printed;
use super::reader::HINT;
use crate::Error;

/// Facts of another file.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    /// The file as the fact names it; `BUNDLE:/path` for a file of another bundle.
    pub path: String,
    /// Its facts; `None` for another bundle's file that could not be seen.
    pub facts: Option<Vec<Fact>>,
}

impl Include {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Include> {
        let reader = clauses.reader;
        let open = |node: &Node| -> Result<Include, Error> {
            let path = node.text()?.to_owned();
            let facts = match reader.open(&node.source, node.mark, &path, HINT)? {
                Some(source) => Some(Fact::list(reader, reader.parse(&source, 0)?.as_ref())),
                None => None,
            };
            Ok(Include { path, facts })
        };
        let include = clauses.value("include", open);
        clauses.finish();
        include
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("include", &self.path)
    }
}
