use crate::error::Error;
use crate::facts::data::DataRows;
use crate::facts::document::{Content, DocumentNode, FactReader, Position, parse_file};
use crate::facts::files::FilePath;
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName};
use crate::facts::values::Value;

/// These rows exist.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFact {
    /// The table.
    pub of: TableName,
    /// The rows.
    pub rows: DataRows,
    /// Whether they should exist; if not, they give their identity only.
    pub present: bool,
}

impl DataFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<DataFact> {
        let present = clauses.truth("present", true);
        let node = &clauses.entry("data")?.value;
        let (rows, path) = rows(clauses.reader, node);
        let stem =
            path.as_ref().filter(|_| clauses.within.is_none()).and_then(|path| TableName::parse(path.stem()));
        // If nothing else names the table, the file's name does; a file that can't be read has no name.
        let of = match clauses.entry("of") {
            None if stem.is_some() || (rows.is_none() && clauses.within.is_none()) => stem,
            _ => clauses.of(None),
        };
        clauses.finish();
        Some(DataFact { of: of?, rows: rows?, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("data", self.rows.words()).of(&self.of, within).unless(
            "present",
            self.present,
            true,
        )
    }
}

/// The rows, and their file if they have a file of their own.
fn rows(reader: &FactReader<'_>, node: &DocumentNode) -> (Option<DataRows>, Option<FilePath>) {
    match &node.content {
        Content::List(_) | Content::Map(_) => (DataRows::read_list(reader, node), None),
        Content::Broken => (None, None),
        Content::Scalar(..) => match reader.keep(node.text()) {
            None => (None, None),
            Some(text) if node.included() || text.is_empty() || text.contains(char::is_whitespace) => (
                reader.keep(DataRows::read_text(node, text)),
                Some(node.source.file.clone()).filter(|_| node.included()),
            ),
            Some(name) => {
                let path = node.source.file.resolve(name).ok();
                let rows = reader.keep(file(reader, node, name));
                (rows.flatten(), path)
            }
        },
    }
}

fn file(reader: &FactReader<'_>, node: &DocumentNode, name: &str) -> Result<Option<DataRows>, Error> {
    let hint = "a text without blanks is a path; put CSV on lines of its own: `data: |`";
    let source = reader.open_seen(&node.source, node.position, name, hint)?;
    let start = Position::START;
    match ["csv", "json", "yaml", "yml"].into_iter().find(|ending| source.file.ends_in(ending)) {
        Some("csv") => DataRows::read_file(&source).map(Some),
        Some(_) => match parse_file(reader, &source, 0)? {
            Some(node) if matches!(node.content, Content::Scalar(..)) => Err(node
                .error(format!("rows are expected here, not {}", node.what()))
                .help("a row is a mapping: `- code: fos`")),
            Some(node) => Ok(DataRows::read_list(reader, &node)),
            None => Err(source.error(start, "the file is empty").help("write `[]` for no rows")),
        },
        None => Err(node
            .error(format!("`{name}` is not a file of rows"))
            .help("a file of rows ends in `.csv`, `.json` or `.yaml`")),
    }
}

impl From<&DataRows> for Value {
    fn from(rows: &DataRows) -> Value {
        rows.words()
    }
}
