use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use harness::{Result, context};

use crate::outcome::{Finding, Outcome, CaseResult};

/// Writes what was not reached, an object a line.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn write(path: &Path, findings: &[Finding]) -> Result<()> {
    let mut text = String::new();
    for finding in findings {
        match &finding.what {
            CaseResult::SetAside(error) => line(&mut text, finding, &[("outcome", "set aside"), ("detail", error)]),
            CaseResult::Tried { directions, .. } => {
                for (direction, outcome, statements) in directions {
                    if matches!(outcome, Outcome::Reached) {
                        continue;
                    }
                    let (direction, sql) = (direction.to_string(), statements.join(";\n"));
                    let detail = outcome.detail();
                    let fields = [
                        ("direction", &*direction),
                        ("outcome", outcome.word()),
                        ("detail", &detail),
                        ("sql", &sql),
                    ];
                    line(&mut text, finding, &fields);
                }
            }
        }
    }
    fs::write(path, text).map_err(context(path.display()))
}

fn line(text: &mut String, finding: &Finding, fields: &[(&str, &str)]) {
    let all = [("suite", &*finding.suite), ("case", &*finding.case)];
    let fields = all.iter().chain(fields).map(|(name, value)| format!("\"{name}\":{}", string(value)));
    let _ = writeln!(text, "{{{}}}", fields.collect::<Vec<_>>().join(","));
}

fn string(value: &str) -> String {
    let mut text = String::from('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            letter if letter.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text + "\""
}
