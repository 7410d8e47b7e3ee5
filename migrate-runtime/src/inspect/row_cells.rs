use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::SimpleQueryRow;

/// The cells of a row, as the server writes them.
pub(crate) struct RowCells<'a>(pub(crate) RowSource<'a>);

/// Where a row comes from.
pub(crate) enum RowSource<'a> {
    /// An answer.
    Answer(&'a SimpleQueryRow),
    /// What was kept of one.
    CatalogSnapshot(&'a [Option<String>]),
}

impl<'a> RowCells<'a> {
    /// A text; `None` where it is null.
    pub(crate) fn get(&self, column: usize) -> Option<&'a str> {
        match self.0 {
            RowSource::Answer(row) => row.try_get(column).ok().flatten(),
            RowSource::CatalogSnapshot(cells) => cells.get(column)?.as_deref(),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.str(column).map(str::to_owned)
    }

    pub(crate) fn str(&self, column: usize) -> Result<&'a str> {
        self.get(column).ok_or_else(|| self.strange(column))
    }

    pub(crate) fn optional(&self, column: usize) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    pub(crate) fn flag(&self, column: usize) -> bool {
        self.get(column) == Some("t")
    }

    pub(crate) fn number<N: std::str::FromStr>(&self, column: usize) -> Result<N> {
        self.get(column).and_then(|text| text.parse().ok()).ok_or_else(|| self.strange(column))
    }

    /// A number; `None` where it is null or 0.
    pub(crate) fn oid(&self, column: usize) -> Option<u32> {
        self.get(column).and_then(|text| text.parse().ok()).filter(|oid| *oid != 0)
    }

    pub(crate) fn letter(&self, column: usize) -> char {
        self.get(column).and_then(|text| text.chars().next()).unwrap_or(' ')
    }

    /// The numbers of an array or of a vector such as `indkey`; none where it is null.
    pub(crate) fn numbers<N: std::str::FromStr>(&self, column: usize) -> Result<Vec<N>> {
        let text = self.get(column).unwrap_or_default();
        let numbers = text.split([' ', ',', '{', '}']).filter(|number| !number.is_empty());
        numbers.map(|number| number.parse().map_err(|_| self.strange(column))).collect()
    }

    /// The elements of an array of texts; `None` where it is null.
    pub(crate) fn array(&self, column: usize) -> Option<Vec<Option<String>>> {
        self.get(column).map(elements)
    }

    /// The texts of an array, without nulls; none where it is null.
    pub(crate) fn list(&self, column: usize) -> Vec<String> {
        self.array(column).unwrap_or_default().into_iter().flatten().collect()
    }

    /// The same, sorted.
    pub(crate) fn sorted(&self, column: usize) -> Vec<String> {
        let mut list = self.list(column);
        list.sort_unstable();
        list
    }

    /// Privileges: those that the column holds, unless the next one shows that they are what everybody gets.
    pub(crate) fn grants(&self, column: usize) -> Option<Vec<String>> {
        self.get(column)?;
        let grants = self.sorted(column);
        (grants != self.sorted(column + 1)).then_some(grants)
    }

    fn strange(&self, column: usize) -> Error {
        let count = match self.0 {
            RowSource::Answer(row) => row.len(),
            RowSource::CatalogSnapshot(cells) => cells.len(),
        };
        let cells: Vec<_> = (0..count).map(|column| self.get(column).unwrap_or("null")).collect();
        Error::new(ErrorKind::Unsupported, "a row of the catalog can't be understood")
            .note(cells.join(", "))
            .note(format!("column {column} of it"))
    }
}

// PostgreSQL manual, 8.15.6: elements are quoted where they hold a brace, comma, quote, backslash or white space, or
// are empty or NULL.
fn elements(array: &str) -> Vec<Option<String>> {
    let mut elements = Vec::new();
    let mut characters = array.trim_start_matches('{').chars();
    let (mut text, mut quoted, mut inside) = (String::new(), false, false);
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '"' => (quoted, inside) = (true, !inside),
            ',' | '}' if !inside => {
                let text = std::mem::take(&mut text);
                match quoted {
                    false if text.is_empty() => {}
                    false if text == "NULL" => elements.push(None),
                    _ => elements.push(Some(text)),
                }
                quoted = false;
            }
            other => text.push(other),
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::elements;

    #[test]
    fn arrays_are_read_as_the_server_writes_them() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(elements("{}"), []);
        assert_eq!(
            elements(r#"{a,"b,c","d\"e\\f",NULL,"NULL","","ü}{"}"#),
            [some("a"), some("b,c"), some("d\"e\\f"), None, some("NULL"), some(""), some("ü}{")]
        );
    }
}
