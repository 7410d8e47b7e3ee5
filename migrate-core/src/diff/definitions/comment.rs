//! The machine-readable part of a comment: a YAML document before the text that a person wrote.
//!
//! The form is that of `rex.deploy`: `---\ntitle: Title\n`, and the person's text as a second document.

use crate::facts::{Value, value};

/// A comment: our entries, each as its YAML, and the person's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comment {
    entries: Vec<(String, String)>,
    text: Option<String>,
}

/// How long a line may be before it is broken at a blank.
const WIDTH: usize = 80;

impl Comment {
    pub(crate) fn parse(comment: Option<&str>) -> Comment {
        let Some(comment) = comment else { return Comment::default() };
        let all_text = || Comment { entries: Vec::new(), text: Some(comment.to_owned()) };
        let Some(rest) = comment.strip_prefix("---") else { return all_text() };
        let (own, text) = match rest.find("\n---") {
            Some(at) => (rest.get(..=at), rest.get(at + 4..)),
            None => (Some(rest), None),
        };
        let Some(entries) = own.and_then(entries) else { return all_text() };
        let text = text.map(|text| text.strip_suffix("\n...").unwrap_or(text).trim_start().to_owned());
        Comment { entries, text: text.filter(|text| !text.is_empty()) }
    }

    /// Whether a comment has exactly this label and title, as we write them. This needs no YAML parser, and most
    /// comments have this form.
    pub(crate) fn is_only(comment: Option<&str>, label: Option<&str>, title: Option<&str>) -> bool {
        let mut own = Comment::default();
        own.set_text("label", label);
        own.set_text("title", title);
        own.render().as_deref() == comment
    }

    /// The text of an entry.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        word(&self.value(key)?)
    }

    /// The texts of an entry that is a list; other values are left out.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(Value::List(items)) => items.iter().filter_map(word).collect(),
            _ => Vec::new(),
        }
    }

    fn value(&self, key: &str) -> Option<Value> {
        let (_, yaml) = self.entries.iter().find(|(name, _)| name == key)?;
        match value(yaml).ok()? {
            Value::Map(entries) => entries.into_iter().next().map(|(_, value)| value),
            _ => None,
        }
    }

    /// Sets or removes the text of an entry.
    pub(crate) fn set_text(&mut self, key: &str, text: Option<&str>) {
        self.set(key, text.map(|text| format!("{key}: {}\n", scalar(text, key.len() + 2))));
    }

    /// Sets the list of an entry; an empty list removes it.
    pub(crate) fn set_list(&mut self, key: &str, items: &[String]) {
        let lines: String = items.iter().map(|item| format!("- {}\n", scalar(item, 2))).collect();
        self.set(key, (!items.is_empty()).then(|| format!("{key}:\n{lines}")));
    }

    fn set(&mut self, key: &str, yaml: Option<String>) {
        let at = self.entries.iter().position(|(name, _)| name == key).unwrap_or(self.entries.len());
        let end = (at + 1).min(self.entries.len());
        self.entries.splice(at..end, yaml.map(|yaml| (key.to_owned(), yaml)));
    }

    pub(crate) fn render(&self) -> Option<String> {
        if self.entries.is_empty() {
            return self.text.clone();
        }
        let entries: String = self.entries.iter().map(|(_, yaml)| yaml.as_str()).collect();
        let text = self.text.as_ref().map(|text| format!("--- {text}\n..."));
        Some(format!("---\n{entries}{}", text.unwrap_or_default()))
    }
}

/// The entries of a mapping in block style: each key is at the start of a line.
fn entries(yaml: &str) -> Option<Vec<(String, String)>> {
    let yaml = yaml.trim_start();
    if yaml.trim() == "{}" {
        return Some(Vec::new());
    }
    match value(yaml).ok()? {
        Value::Map(_) => {}
        _ => return None,
    }
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in yaml.lines() {
        let key = line.split_once(':').filter(|_| !line.starts_with([' ', '-', '#']));
        match (key, entries.last_mut()) {
            (Some((key, _)), _) => entries.push((key.to_owned(), format!("{line}\n"))),
            (None, Some((_, yaml))) => yaml.push_str(&format!("{line}\n")),
            (None, None) => return None,
        }
    }
    Some(entries)
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// A text as YAML: plain if it reads as the same text.
fn scalar(text: &str, column: usize) -> String {
    let special = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if text.chars().any(special) {
        return format!("\"{}\"", text.chars().map(escaped).collect::<String>());
    }
    match is_plain(text) {
        true => folded(text, column),
        false => format!("'{}'", folded(&text.replace('\'', "''"), column + 1)),
    }
}

/// A character within double quotes.
fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii() && !c.is_control() => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    let starts = first.is_some_and(|c| c.is_alphanumeric() || "_/(+.$".contains(c));
    let resolves = ["yes", "no", "on", "off", "true", "false", "null"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let numeric = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || "+-.:_eExX,".contains(c));
    starts
        && !resolves
        && !numeric
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([' ', ':'])
}

/// Breaks lines at single blanks as the printer of rex.deploy does, so that its titles in databases compare equal.
fn folded(text: &str, column: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = column;
    let characters: Vec<char> = text.chars().collect();
    for (at, c) in characters.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|c| *c != ' ');
        let single = *c == ' ' && beside(at.checked_sub(1)) && beside(at.checked_add(1));
        if single && column > WIDTH {
            out.push_str("\n  ");
            column = 2;
        } else {
            out.push(*c);
            column += 1;
        }
    }
    out
}

/// The title, label and aliases in a comment.
pub(crate) fn meaning(comment: Option<&str>) -> (Option<String>, Option<String>, Vec<String>) {
    let comment = Comment::parse(comment);
    (comment.text("title"), comment.text("label"), comment.list("aliases"))
}

/// The label of a table or column: its name, unless the comment has a label.
pub(crate) fn label(name: &str, comment: Option<&str>) -> String {
    Comment::parse(comment).text("label").unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_title(comment: Option<&str>, title: Option<&str>) -> Option<String> {
        let mut comment = Comment::parse(comment);
        comment.set_text("title", title);
        comment.render()
    }

    #[test]
    fn a_title_comes_and_goes_beside_what_a_person_wrote() {
        assert_eq!(with_title(None, Some("Given Name")).as_deref(), Some("---\ntitle: Given Name\n"));
        let both = with_title(Some("by hand"), Some("X"));
        assert_eq!(both.as_deref(), Some("---\ntitle: X\n--- by hand\n..."));
        assert_eq!(Comment::parse(both.as_deref()).text("title").as_deref(), Some("X"));
        assert_eq!(with_title(both.as_deref(), None).as_deref(), Some("by hand"));
        assert_eq!(with_title(Some("---\ntitle: X\n"), None), None);
    }

    #[test]
    fn every_title_is_read_back() {
        for title in [
            "yes",
            "a: b",
            "- x",
            "it's",
            "1.5",
            "two\nlines",
            "x #y",
            "'q'",
            "\"d\"",
            "ends ",
            "é☂",
            "a:",
            "\u{85}",
            "\u{2028}x",
            "\u{7f}\\\"",
            "😀\r\n",
            "",
            " ",
            "~",
        ] {
            let comment = with_title(None, Some(title));
            assert_eq!(
                Comment::parse(comment.as_deref()).text("title").as_deref(),
                Some(title),
                "{comment:?}"
            );
        }
        let long = "word ".repeat(60).trim_end().to_owned();
        let comment = with_title(None, Some(&long));
        assert_eq!(Comment::parse(comment.as_deref()).text("title"), Some(long));
    }
}
