use std::fmt::Write;

use super::patch_draft::{PatchDraft, PatchPurpose};
use crate::patch::Version;
use crate::sql::{ParsedStatement, Script, takes_away};
use crate::text::quote;

/// The file of a patch; `title` is what it is called.
pub fn patch_text(draft: &PatchDraft, version: Version, title: &str) -> String {
    let body = statements(&draft.statements);
    let mut text = format!("-- {title}\n--\n-- {}\n", draft.purpose.reason());
    draft.notes.iter().flat_map(|note| note.lines()).for_each(|note| line(&mut text, note));
    if draft.purpose == PatchPurpose::Contract || Script::parse(&body).statements.iter().any(is_taken) {
        line(&mut text, &format!("migrate: min-app {version}"));
    }
    if let Some(key) = &draft.batch {
        line(&mut text, &format!("migrate: batch 5000 by {}", quote::printed(key, &Default::default())));
    }
    if let Some(reason) = &draft.irreversible {
        line(&mut text, &format!("migrate: irreversible: {reason}"));
    }
    for rule in &draft.allowed {
        line(&mut text, &format!("migrate: allow {rule}: it was asked for (`--plain`)"));
    }
    format!("{text}\n{body}")
}

/// The file of a way back.
pub fn back_text(version: Version, back: &[String]) -> String {
    let title = match back.is_empty() {
        true => format!("-- Nothing is to be undone of {version}.\n"),
        false => format!("-- The way back of {version}.\n\n"),
    };
    title + &statements(back)
}

fn is_taken(statement: &ParsedStatement) -> bool {
    takes_away(statement).is_some()
}

fn line(text: &mut String, comment: &str) {
    let _ = writeln!(text, "-- {comment}");
}

fn statements(statements: &[String]) -> String {
    const BODIES: [&str; 4] = [
        "CREATE FUNCTION ",
        "CREATE OR REPLACE FUNCTION ",
        "CREATE PROCEDURE ",
        "CREATE OR REPLACE PROCEDURE ",
    ];
    let has_body = statements.iter().any(|statement| BODIES.iter().any(|start| statement.starts_with(start)));
    // A body may use what is made after it.
    let first = if has_body { "SET check_function_bodies = off;\n" } else { "" };
    let each = statements.iter().map(|statement| format!("{};\n", statement.trim_end()));
    std::iter::once(first.to_owned()).chain(each).collect()
}
