//! Definitions that the server prints in its own words. When a fact is deployed, the digests of its text and of the
//! server's definition are stored in the object's comment; later both are compared with these. Without digests, the
//! server is asked.

use md5::{Digest, Md5};

use super::comment::Comment;
use super::dollar_quote::dollar_tag;
use crate::catalog::PRINTING;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::patch::Checksum;
use crate::text::quote;

/// The entry of a comment that holds the digests.
const KEY: &str = "made";
/// A placeholder for the digest that the server computes.
const HOLE: &str = "@printed@";

/// How a fact's definition compares with the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefinitionMatch {
    /// It is the same, by the digests in the comment.
    Recorded,
    /// It is the same, as the server prints it.
    Same,
    /// It is different.
    Different,
}

impl Planner {
    /// Compares a fact's definition with the server's. `like` says whether an answer of the server equals the printed
    /// definition.
    pub(crate) fn match_definition(
        &mut self,
        source: &str,
        printed: &str,
        comment: Option<&str>,
        question: Question,
        like: impl Fn(&str) -> bool,
    ) -> Result<DefinitionMatch, Interruption> {
        self.require_renamed()?;
        if Planner::is_recorded(source, printed, comment) {
            return Ok(DefinitionMatch::Recorded);
        }
        match self.ask(question)? {
            Answer::Value(Some(answer)) if like(answer) => Ok(DefinitionMatch::Same),
            Answer::Value(_) | Answer::Refused(_) => Ok(DefinitionMatch::Different),
            Answer::Unknown => Err(self
                .problem(ErrorKind::Standby, "a read-only server can't show whether the definition is the same")
                .note("its comment has no digest of the definition, and a read-only server can't print the fact's definition")
                .help("verify on the primary")
                .into()),
        }
    }

    /// Whether the digests in a comment belong to this source and this printed definition.
    pub(crate) fn is_recorded(source: &str, printed: &str, comment: Option<&str>) -> bool {
        Comment::parse(comment).text(KEY) == Some(note(source, &md5_of(printed)))
    }
}

/// The name of an object with which a definition is tried and rolled back. It is not temporary, because not every role
/// may create temporary objects.
pub(crate) fn probe(schema: &str) -> String {
    format!("{}.migrate_probe", quote::identifier(schema))
}

/// The object that a comment is on.
pub(crate) enum CommentTarget {
    /// As COMMENT names it.
    Named(String),
    /// By an expression that the server computes.
    Computed { what: &'static str, name: String },
}

impl CommentTarget {
    fn format(&self) -> String {
        match self {
            CommentTarget::Named(name) => name.replace('\'', "''").replace('%', "%%"),
            CommentTarget::Computed { what, .. } => format!("{what} %s"),
        }
    }

    fn argument(&self) -> String {
        match self {
            CommentTarget::Named(_) => String::new(),
            CommentTarget::Computed { name, .. } => format!("{name}, "),
        }
    }
}

/// A statement that stores the digests of an object's definition in its comment, after the object is created.
///
/// `printing` is the expression that prints the definition; it is evaluated with the settings of an inspection.
pub(crate) fn note_sql(on: &CommentTarget, source: &str, printing: &str, comment: Option<&str>) -> String {
    let mut parsed = Comment::parse(comment);
    parsed.set_text(KEY, Some(&note(source, HOLE)));
    let text = quote::literal(&parsed.render().unwrap_or_default());
    let settings: Vec<String> = PRINTING
        .iter()
        .map(|(name, value)| format!("[{}, {}]", quote::literal(name), quote::literal(value)))
        .collect();
    let each = format!("FROM pg_catalog.generate_series(1, {}) AS n", settings.len());
    let body = format!(
        "\nDECLARE\n    settings pg_catalog.text[] := ARRAY[{}];\n    kept pg_catalog.text[];\n    printed pg_catalog.text;\nBEGIN\n    \
         kept := ARRAY(SELECT pg_catalog.current_setting(settings[n][1]) {each} ORDER BY n);\n    \
         PERFORM pg_catalog.set_config(settings[n][1], settings[n][2], true) {each};\n    printed := {printing};\n    \
         PERFORM pg_catalog.set_config(settings[n][1], kept[n], true) {each};\n    \
         EXECUTE pg_catalog.format('COMMENT ON {} IS %L', {}\
         pg_catalog.replace({text}, '{HOLE}', pg_catalog.md5(printed)));\nEND\n",
        settings.join(", "),
        on.format(),
        on.argument()
    );
    let tag = dollar_tag(&body);
    format!("DO {tag}{body}{tag}")
}

fn note(source: &str, printed: &str) -> String {
    let digest = Checksum::of(source.trim()).to_string();
    let digest = digest.rsplit(':').next().unwrap_or_default().get(..16).unwrap_or_default().to_owned();
    format!("from {digest} as {printed}")
}

fn md5_of(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
