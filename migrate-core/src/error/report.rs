use annotate_snippets::renderer::{AnsiColor, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::error::Error;
use super::place::{Place, WINDOW};
use crate::text::{escape_controls, mask};

/// How a report marks its parts.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportStyle {
    /// By characters alone.
    Plain,
    /// By the colours of a terminal as well.
    Coloured,
}

impl Error {
    /// The first problem as a person reads it: like `Display`, with the word at the place underlined. Hidden characters are
    /// made visible.
    #[doc(hidden)]
    pub fn report(&self, style: ReportStyle) -> String {
        let mut text = escape_controls(self.message()).into_owned();
        if let Some(place) = self.place() {
            text += &format!("\n{}", frame(place, style));
        }
        let mut remarks = String::new();
        // Writing to a string succeeds.
        let _ = self.remarks(&mut remarks);
        text + &escape_controls(&remarks)
    }
}

/// A line of a file, with the word at the column underlined.
fn frame(place: &Place, style: ReportStyle) -> String {
    let renderer = match style {
        ReportStyle::Plain => Renderer::plain(),
        ReportStyle::Coloured => Renderer::styled().line_num(GUTTER),
    };
    let file = escape_controls(&place.file);
    let (line, column) = (place.line as usize, place.column as usize);
    if line == 0 {
        return format!("  {} {file}", arrow(style));
    }
    let at = column.saturating_sub(1);
    let skipped = at.saturating_sub(WINDOW);
    let source: String = mask("", &place.source).chars().skip(skipped).take(2 * WINDOW).collect();
    let source = escape_controls(source.trim_end());
    let start = source.char_indices().nth(at - skipped).map_or(source.len(), |(start, _)| start);
    let mark = AnnotationKind::Primary.span(start..start + length(&source, start));
    let snippet = Snippet::source(source.as_ref()).line_start(line).annotation(mark);
    let drawn = renderer.render(&[Group::with_level(Level::ERROR).element(snippet)]);
    let gutter = " ".repeat(line.to_string().len());
    let header = format!(" {gutter}{} {file}:{line}:{column}", arrow(style));
    // One column to the right of where a compiler has it, so that the lines below a message are indented.
    drawn.lines().fold(header, |text, line| format!("{text}\n {line}"))
}

const GUTTER: Style = AnsiColor::BrightBlue.on_default().bold();

fn arrow(style: ReportStyle) -> String {
    match style {
        ReportStyle::Plain => "-->".to_owned(),
        ReportStyle::Coloured => format!("{GUTTER}-->{GUTTER:#}"),
    }
}

/// How much of a line is underlined: of a comment all, since directives are comments; of anything else one word.
fn length(source: &str, start: usize) -> usize {
    let (before, text) = source.split_at_checked(start).unwrap_or((source, ""));
    match text.starts_with("--") || before.trim_end().ends_with("--") {
        true => text.len(),
        false => word(text),
    }
}

/// The length of the word, number or quoted text at the start of a text; of anything else, one character.
fn word(text: &str) -> usize {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return 0 };
    let rest = characters.as_str();
    let length = match first {
        '\'' | '"' | '`' => rest.find(first).map(|end| end + first.len_utf8()),
        _ if is_of_word(first) => Some(rest.find(|c| !is_of_word(c) && !joins(c)).unwrap_or(rest.len())),
        _ => None,
    };
    let word = text.get(..first.len_utf8() + length.unwrap_or(0)).unwrap_or_default();
    word.trim_end_matches(joins).len().max(first.len_utf8())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Names such as `app.study`, `1.4.0` and `index-not-concurrent` are one word.
fn joins(c: char) -> bool {
    c == '.' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn report(text: &str, offset: usize) -> String {
        Error::new(ErrorKind::Syntax, "no such statement")
            .at(Place::offset("patch.sql", text, offset))
            .help("write another")
            .report(ReportStyle::Plain)
    }

    #[test]
    fn the_word_at_the_place_is_underlined() {
        for (text, offset, lines) in [
            ("CREAT TABLE b ();", 0, " 1 | CREAT TABLE b ();\n   | ^^^^^"),
            ("SELECT 'a b' x", 7, " 1 | SELECT 'a b' x\n   |        ^^^^^"),
            ("SELECT 'open", 7, " 1 | SELECT 'open\n   |        ^"),
            ("app.study-a, x", 0, " 1 | app.study-a, x\n   | ^^^^^^^^^^^"),
            ("It ends.", 3, " 1 | It ends.\n   |    ^^^^"),
            ("-- migrate: now", 3, " 1 | -- migrate: now\n   |    ^^^^^^^^^^^^"),
            ("SELECT (", 7, " 1 | SELECT (\n   |        ^"),
            ("SELECT", 6, " 1 | SELECT\n   |       ^"),
            ("", 0, " 1 |\n   | ^"),
            ("\tSELEC 1", 1, " 1 |     SELEC 1\n   |     ^^^^^"),
            ("SELECT '日本', größe", 17, " 1 | SELECT '日本', größe\n   |                ^^^^^"),
        ] {
            let column = text.get(..offset).unwrap().chars().count() + 1;
            let expected = format!(
                "no such statement\n  --> patch.sql:1:{column}\n   |\n{lines}\n  help: write another"
            );
            assert_eq!(report(text, offset), expected);
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}here{}", "a ".repeat(500), " b".repeat(500));
        let report = report(&text, 1000);
        assert!(report.contains("--> patch.sql:1:1001"), "{report}");
        assert!(report.contains("^^^^"), "{report}");
        assert!(report.lines().all(|line| line.chars().count() < 200), "{report}");
    }

    #[test]
    fn colours_are_ours_alone() {
        let error = Error::new(ErrorKind::Syntax, "a\x1b[31m")
            .at(Place { file: "b\x1b[31m".to_owned(), line: 1, column: 1, source: "c\x1b[31m".to_owned() })
            .note("d\x1b[31m");
        assert!(!error.report(ReportStyle::Plain).contains('\x1b'));
        let coloured = error.report(ReportStyle::Coloured);
        assert!(coloured.contains("\x1b[") && !coloured.contains("\x1b[31m"), "{coloured:?}");
    }
}
