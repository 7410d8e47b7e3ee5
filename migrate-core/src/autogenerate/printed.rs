//! Statements as our own printer writes them, taken apart.

/// An ALTER TABLE with one action.
pub(super) struct AlterTable<'a> {
    /// `ALTER TABLE "public"."study"`, with ONLY if it is said.
    pub(super) head: &'a str,
    /// The table's name, as it is written.
    pub(super) table: &'a str,
    /// What follows: `ADD CONSTRAINT …`.
    pub(super) action: &'a str,
}

impl<'a> AlterTable<'a> {
    pub(super) fn of(statement: &'a str) -> Option<AlterTable<'a>> {
        let rest = statement.strip_prefix("ALTER TABLE ")?;
        let rest = rest.strip_prefix("ONLY ").unwrap_or(rest);
        let length = qualified(rest)?;
        let (table, action) = rest.split_at_checked(length)?;
        let head = statement.get(..statement.len() - action.len())?;
        Some(AlterTable { head, table, action: action.trim_start() })
    }

    /// The constraint that it adds: its name as it is written, and its definition.
    pub(super) fn added_constraint(&self) -> Option<(&'a str, &'a str)> {
        let rest = self.action.strip_prefix("ADD CONSTRAINT ")?;
        let (name, definition) = rest.split_at_checked(identifier(rest)?)?;
        Some((name, definition.trim_start()))
    }

    /// The column that it adds, without quotes.
    pub(super) fn added_column(&self) -> Option<String> {
        named(self.action.strip_prefix("ADD COLUMN ")?)
    }

    /// The column that becomes NOT NULL: its name as it is written.
    pub(super) fn required_column(&self) -> Option<&'a str> {
        let rest = self.action.strip_prefix("ALTER COLUMN ")?;
        let (name, action) = rest.split_at_checked(identifier(rest)?)?;
        (action.trim() == "SET NOT NULL").then_some(name)
    }
}

/// The name of the index that a statement makes or drops: without its schema, as it is written.
pub(super) fn index_name(statement: &str) -> Option<&str> {
    let rest =
        ["CREATE UNIQUE INDEX ", "CREATE INDEX "].iter().find_map(|start| statement.strip_prefix(start));
    match (rest, statement.strip_prefix("DROP INDEX ")) {
        (Some(made), _) => made.get(..identifier(made)?),
        (None, Some(dropped)) => {
            let whole = dropped.get(..qualified(dropped)?)?;
            let schema = identifier(whole)?;
            whole.get(schema..)?.strip_prefix('.').or(Some(whole))
        }
        (None, None) => None,
    }
}

/// A name without its quotes.
pub(super) fn named(written: &str) -> Option<String> {
    let name = written.get(..identifier(written)?)?;
    Some(match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    })
}

/// How long the name is with which a text begins, with its quotes.
fn identifier(text: &str) -> Option<usize> {
    if !text.starts_with('"') {
        let length =
            text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
        return (length > 0).then_some(length);
    }
    let mut quotes = text.match_indices('"').map(|(at, _)| at).skip(1).peekable();
    while let Some(at) = quotes.next() {
        match quotes.next_if(|next| *next == at + 1) {
            Some(_) => {}
            None => return Some(at + 1),
        }
    }
    None
}

/// The same of a name with its schema.
fn qualified(text: &str) -> Option<usize> {
    let schema = identifier(text)?;
    match text.get(schema..)?.strip_prefix('.') {
        Some(rest) => Some(schema + 1 + identifier(rest)?),
        None => Some(schema),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_statements_are_taken_apart() {
        let statement = r#"ALTER TABLE ONLY "a ""b"."c" ADD CONSTRAINT "d e" CHECK ((x > 0))"#;
        let alter = AlterTable::of(statement).unwrap();
        assert_eq!(alter.table, r#""a ""b"."c""#);
        assert_eq!(alter.head, r#"ALTER TABLE ONLY "a ""b"."c""#);
        assert_eq!(alter.added_constraint(), Some((r#""d e""#, "CHECK ((x > 0))")));
        let required = r#"ALTER TABLE "a"."b" ALTER COLUMN "c" SET NOT NULL"#;
        assert_eq!(AlterTable::of(required).unwrap().required_column(), Some(r#""c""#));
        let added = r#"ALTER TABLE "a"."b" ADD COLUMN "c""d" text"#;
        assert_eq!(AlterTable::of(added).unwrap().added_column().as_deref(), Some("c\"d"));
        assert_eq!(index_name("CREATE UNIQUE INDEX i_1 ON a.b USING btree (c)"), Some("i_1"));
        assert_eq!(index_name(r#"DROP INDEX "a"."i""#), Some(r#""i""#));
        assert!(AlterTable::of("CREATE TABLE a ()").is_none());
    }
}
