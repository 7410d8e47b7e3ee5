use super::label;
use super::label::TableName;
use super::suggest::nearest;
use super::table_context::TableContext;
use super::words::{article, words};
use crate::error::Error;
use crate::facts::document::{DocumentNode, FactReader, MapEntry, PATH_HELP, Position};
use crate::facts::values::SourceText;

/// The clauses of one fact while it is read: a clause that the fact's kind asks for is known, and each other clause is
/// a problem.
pub(crate) struct Clauses<'a> {
    pub(crate) reader: &'a FactReader<'a>,
    /// The fact.
    pub(crate) node: &'a DocumentNode,
    pub(crate) kind: &'static str,
    /// The table whose `with` contains the fact.
    pub(crate) within: Option<&'a TableContext>,
    entries: &'a [MapEntry],
    known: Vec<&'static str>,
    /// The clauses that are allowed for an object with `present: false`; `None` if it should exist.
    absent: Option<&'static [&'static str]>,
}

impl<'a> Clauses<'a> {
    pub(crate) fn new(
        reader: &'a FactReader<'a>,
        node: &'a DocumentNode,
        entries: &'a [MapEntry],
        kind: &'static str,
        within: Option<&'a TableContext>,
    ) -> Clauses<'a> {
        Clauses { reader, node, kind, within, entries, known: vec![kind], absent: None }
    }

    /// The clause with that name.
    pub(crate) fn entry(&mut self, name: &'static str) -> Option<&'a MapEntry> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.entries.iter().find(|entry| *entry.key == *name)
    }

    /// The value of the clause, if there is one.
    pub(crate) fn value<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&DocumentNode) -> Result<T, Error>,
    ) -> Option<T> {
        let entry = self.entry(name)?;
        self.reader.keep(read(&entry.value))
    }

    /// The same for a clause that is required if the object should exist; `None` if it is absent or can't be read.
    pub(crate) fn needed<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&DocumentNode) -> Result<T, Error>,
    ) -> Option<T> {
        if self.entry(name).is_none() && self.absent.is_none() {
            self.problem(format!("the {} has no `{name}`", self.kind), format!("add `{name}:`"));
        }
        self.value(name, read)
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, name: &'static str, otherwise: bool) -> bool {
        self.value(name, DocumentNode::truth).unwrap_or(otherwise)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.value(name, |node| node.text().map(str::to_owned))
    }

    /// Labels, one or a list.
    pub(crate) fn labels(&mut self, name: &'static str) -> Vec<String> {
        self.value(name, label::labels).unwrap_or_default()
    }

    /// The table that the fact is about; `named` is the part of the label before its dot.
    pub(crate) fn of(&mut self, named: Option<TableName>) -> Option<TableName> {
        let clause = self.value("of", TableName::read);
        let within = self.within.map(|within| within.table.clone()).filter(|table| !table.label.is_empty());
        let tables: Vec<TableName> = [within, clause, named].into_iter().flatten().collect();
        let Some(table) = tables.first().cloned() else {
            if self.entry("of").is_none() && self.within.is_none() {
                self.problem(
                    format!("the {} has no table", self.kind),
                    "name it with `of:`, or put the fact under the table's `with:`",
                );
            }
            return None;
        };
        if let Some(other) = tables.iter().find(|other| !other.agrees(&table)) {
            self.problem(
                format!("the {} is of `{table}` and of `{other}`", self.kind),
                "name its table once",
            );
        }
        let full = tables.into_iter().find(|other| other.schema.is_some());
        Some(full.unwrap_or(table))
    }

    /// The label of a column, link or alias, and its table.
    pub(crate) fn field(&mut self) -> Option<(TableName, String)> {
        let field = self.value(self.kind, label::field);
        let (table, label) = field.map_or((None, None), |(table, label)| (table, Some(label)));
        // A label that can't be read may have named the table.
        if label.is_none() && self.within.is_none() && self.entry("of").is_none() {
            return None;
        }
        Some((self.of(table)?, label?))
    }

    /// A long text: the value of the clause `text`, or of the file that the clause `path` names.
    pub(crate) fn body(&mut self, text: &'static str, path: &'static str) -> Option<SourceText> {
        let given = self.value(text, |node| node.long_text().and_then(not_empty(node)));
        let from = self.entry(path);
        match (self.entry(text), from) {
            (Some(_), Some(from)) => {
                let problem =
                    from.error(&self.node.source, format!("`{text}` and `{path}` contradict each other"));
                self.reader.problem(problem.help("keep one of the two"));
                None
            }
            (None, Some(from)) => self.reader.keep(self.file(&from.value, PATH_HELP)),
            (Some(_), None) => given,
            (None, None) => {
                if self.absent.is_none() {
                    let help = format!("add `{text}:`, or `{path}:` and a path");
                    self.problem(format!("the {} has no `{text}`", self.kind), help);
                }
                None
            }
        }
    }

    /// A long text, or, if it is one word, the path of a file that contains the text.
    pub(crate) fn text_or_path(&mut self, name: &'static str) -> Option<SourceText> {
        let node = &self.entry(name)?.value;
        let text = self.reader.keep(node.long_text())?;
        let hint = format!(
            "a text without blanks is a path; for SQL write `{name}: |`, and the SQL on the lines below"
        );
        let text = match node.included() || text.text.is_empty() || text.text.contains(char::is_whitespace) {
            true => not_empty(node)(text),
            false => self.file(node, &hint),
        };
        self.reader.keep(text)
    }

    fn file(&self, node: &DocumentNode, hint: &str) -> Result<SourceText, Error> {
        let path = node.text()?;
        let source = self.reader.open_seen(&node.source, node.position, path, hint)?;
        let place = source.place(Position::START);
        not_empty(node)(SourceText {
            text: source.text.to_string(),
            place,
            path: Some(path.to_owned()),
            lines: true,
        })
    }

    /// A problem of the fact as a whole.
    pub(crate) fn problem(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.problem(self.node.error(message).help(help));
    }

    /// A problem of one clause.
    pub(crate) fn problem_at(
        &mut self,
        name: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = match self.entry(name) {
            Some(entry) => entry.value.error(message),
            None => self.node.error(message),
        };
        self.reader.problem(problem.help(help));
    }

    /// Whether the object should exist; if not, only its name, its table and `allowed` may be given. Call this first.
    pub(crate) fn present(&mut self, allowed: &'static [&'static str]) -> bool {
        let present = self.truth("present", true);
        self.absent = (!present).then_some(allowed);
        present
    }

    /// Whether losing values is intended; only `present: false` can lose any.
    pub(crate) fn irreversible(&mut self, present: bool) -> bool {
        let irreversible = self.truth("irreversible", false);
        if irreversible && present {
            self.problem_at(
                "irreversible",
                "`irreversible` belongs to `present: false`",
                "remove it: nothing is dropped here",
            );
        }
        irreversible
    }

    /// Reports every clause that is unknown or that contradicts `present: false`.
    pub(crate) fn finish(self) {
        for entry in self.entries {
            let problem = match self.known.contains(&&*entry.key) {
                false => {
                    let message = format!("{} has no clause `{}`", article(self.kind), entry.key);
                    entry.error(&self.node.source, message).help(self.advice(&entry.key))
                }
                true if self.contradicts(&entry.key) => entry
                    .error(&self.node.source, format!("`{}` contradicts `present: false`", entry.key))
                    .help("remove it: with `present: false`, give only the object's name and table"),
                true => continue,
            };
            self.reader.problem(problem);
        }
    }

    fn contradicts(&self, key: &str) -> bool {
        let fine =
            |allowed: &[&str]| key == self.kind || matches!(key, "of" | "present") || allowed.contains(&key);
        self.absent.is_some_and(|allowed| !fine(allowed))
    }

    fn advice(&self, key: &str) -> String {
        if key == "<<" {
            return "YAML 1.2 has no merge keys: write the clauses out".into();
        }
        match nearest(key, self.known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its clauses are {}", words(&self.known)),
        }
    }
}

fn not_empty(node: &DocumentNode) -> impl Fn(SourceText) -> Result<SourceText, Error> {
    |text| match text.text.trim().is_empty() {
        true => Err(node.error("the text is empty").help("write SQL, or leave the clause out")),
        false => Ok(text),
    }
}
