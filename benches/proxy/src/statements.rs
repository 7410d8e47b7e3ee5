//! SQL, as far as COMMIT, `synchronous_commit` and advisory locks go.
//!
//! `BEGIN ATOMIC` bodies are not known: their statements would be taken for ones of their own.

/// What a statement does to the durability of commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Begin,
    Commit,
    Rollback,
    /// `synchronous_commit` becomes on (or any value that waits for the disk) or off, or again what it was at first.
    Set {
        local: bool,
        value: Option<bool>,
    },
    None,
}

/// The effect of each statement of a query string, in order.
pub(crate) fn effects(sql: &str) -> Vec<Effect> {
    split(sql).iter().map(|words| effect(words)).collect()
}

/// How many of its statements ask for an advisory lock.
pub(crate) fn locks(sql: &str) -> u64 {
    let asks = |word: &String| {
        ["pg_advisory_lock", "pg_advisory_xact_lock", "pg_try_advisory"]
            .iter()
            .any(|name| word.starts_with(name))
    };
    split(sql).iter().filter(|words| words.iter().any(asks)).count() as u64
}

fn effect(words: &[String]) -> Effect {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["begin", ..] | ["start", "transaction", ..] => Effect::Begin,
        ["commit" | "rollback", "prepared", ..] | ["rollback", "to", ..] => Effect::None,
        ["rollback", "work" | "transaction", "to", ..] => Effect::None,
        ["commit" | "end", ..] => Effect::Commit,
        ["rollback" | "abort", ..] => Effect::Rollback,
        ["reset", "all" | "synchronous_commit"] | ["discard", "all"] => {
            Effect::Set { local: false, value: None }
        }
        ["set", "local", "synchronous_commit", ref value @ ..] => {
            Effect::Set { local: true, value: on(value) }
        }
        ["set", "session", "synchronous_commit", ref value @ ..]
        | ["set", "synchronous_commit", ref value @ ..] => Effect::Set { local: false, value: on(value) },
        _ => set_config(&words),
    }
}

fn set_config(words: &[&str]) -> Effect {
    let call = words.windows(4).find(|call| call.starts_with(&["set_config", "synchronous_commit"]));
    match call {
        Some([_, _, value, local]) => Effect::Set { local: on(&[local]) == Some(true), value: on(&[value]) },
        _ => Effect::None,
    }
}

fn on(value: &[&str]) -> Option<bool> {
    match value {
        [.., "default"] => None,
        [.., "off" | "false" | "no" | "0"] => Some(false),
        _ => Some(true),
    }
}

/// The words of each statement, in lower case, with what stands in literals too, but not in dollar quotes. The
/// server answers each statement; empty ones it passes over.
fn split(sql: &str) -> Vec<Vec<String>> {
    let (mut statements, mut words, mut rest) = (Vec::new(), Vec::new(), sql);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '\'' | '"' => {
                let length = quoted(rest, first);
                words.extend(rest.get(1..length).into_iter().flat_map(lower_words));
                length
            }
            '$' => dollar_quoted(rest),
            ';' => {
                statements.push(std::mem::take(&mut words));
                1
            }
            // `E'\''`: the only literal in which a backslash escapes.
            'e' | 'E' if rest[1..].starts_with('\'') => 1 + escaped(&rest[1..]),
            _ if word(first) => {
                let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
                words.push(rest[..length].to_lowercase());
                length
            }
            _ => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    statements.push(words);
    statements.retain(|words| !words.is_empty());
    statements
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn lower_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c| !word(c)).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The length of a comment, with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(rest) = text.get(at..) {
        if rest.is_empty() {
            break;
        } else if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of what stands between quotes. A doubled quote ends one literal and begins another: the same here.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

fn escaped(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `$tag$…$tag$`, or of the dollar alone if none begins.
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text[1..].find(|c| !word(c)).filter(|end| text[1 + end..].starts_with('$')) else {
        return 1;
    };
    let tag = &text[..end + 2];
    if tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return 1;
    }
    text[tag.len()..].find(tag).map_or(text.len(), |close| close + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expect: &[Effect]) {
        assert_eq!(effects(sql), expect, "{sql}");
    }

    #[test]
    fn only_statements_count() {
        use Effect::{Begin, Commit, None, Rollback};
        check("BEGIN; CREATE TABLE t(); COMMIT;", &[Begin, None, Commit]);
        check("START TRANSACTION READ WRITE; ROLLBACK", &[Begin, Rollback]);
        check("-- COMMIT;\n/* ; /* COMMIT; */ ; */ SELECT 1;;\n;", &[None]);
        check("SELECT 'a;COMMIT;', \"x;\", $$;COMMIT;$$, $a$;$b$;$a$", &[None]);
        check("SELECT 'it''s;', E'\\';COMMIT', $1; COMMIT", &[None, Commit]);
        check("ROLLBACK TO SAVEPOINT s; COMMIT PREPARED 'x'; END", &[None, None, Commit]);
        check("", &[]);
    }

    #[test]
    fn an_advisory_lock_is_asked_for() {
        let sql = "SELECT pg_advisory_lock(1); SELECT CASE WHEN true THEN pg_catalog.pg_try_advisory_lock($1) END; SELECT pg_advisory_unlock(1)";
        assert_eq!(locks(sql), 2);
    }

    #[test]
    fn synchronous_commit_is_followed() {
        let set = |local, value| Effect::Set { local, value };
        check("SET LOCAL synchronous_commit = off", &[set(true, Some(false))]);
        check("set local synchronous_commit to 'off'", &[set(true, Some(false))]);
        check("SET synchronous_commit TO local", &[set(false, Some(true))]);
        check("SET SESSION synchronous_commit TO DEFAULT; RESET ALL", &[set(false, None), set(false, None)]);
        check("SELECT pg_catalog.set_config('synchronous_commit', 'off', true)", &[set(true, Some(false))]);
        check("SET LOCAL lock_timeout = '2s'", &[Effect::None]);
    }
}
