use migrate_core::{Class, Statement};

/// What of a statement would not stay within its patch on the nodes, whose daemons run many in one session, and several
/// in one transaction.
pub(super) enum Setting {
    /// Nothing.
    None,
    /// A setting for the transaction: it is put back after the patch.
    Local(String),
    /// It can't be captured; the clause says why.
    Refused(&'static str),
}

/// Names that the daemon's session lives by, and that Slony's functions refuse to set.
const RESERVED: [&str; 5] = ["role", "session", "session_replication_role", "transaction", "names"];

impl Setting {
    /// What a statement sets.
    pub(super) fn of(statement: &Statement, text: &str) -> Setting {
        if statement.class != Class::Schema && statement.class != Class::Drop {
            return Setting::None;
        }
        let separates = |character: char| character.is_whitespace() || "=;".contains(character);
        let words = text.split(separates).filter(|word| !word.is_empty());
        let words: Vec<String> = words.take(6).map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["set", "constraints", ..] => Setting::None,
            ["set", "local", "time", "zone", ..] => Setting::Local("timezone".to_owned()),
            ["set", "local", name, ..] if RESERVED.contains(name) => Setting::Refused(
                "the daemons run what is captured as themselves, and are stopped by a change of role",
            ),
            ["set", "local", name, ..] => Setting::Local((*name).trim_matches('"').to_owned()),
            // One that does nothing but set something for the session.
            ["set" | "reset" | "discard" | "select", ..] => {
                Setting::Refused("it would stay in the daemons' sessions: `SET LOCAL` ends with the patch")
            }
            ["create", rest @ ..]
                if rest
                    .iter()
                    .find(|word| !["or", "replace", "local", "global"].contains(word))
                    .is_some_and(|word| ["temp", "temporary"].contains(word)) =>
            {
                Setting::Refused("what is temporary would stay in the daemons' sessions")
            }
            _ => Setting::None,
        }
    }
}

/// Whether nodes must have a patch before the next one is captured: a daemon may run both in one transaction, in which an
/// added value can't be used, and a table whose rows wait for a check can't be altered.
pub(super) fn stands_alone(statement: &Statement, text: &str) -> bool {
    match statement.class {
        Class::Rows => !statement.target.is_empty(),
        Class::Any => true,
        _ => {
            let text = text.to_lowercase();
            let mut words = text.split_whitespace();
            words.by_ref().take(2).eq(["alter", "type"]) && text.contains("add value")
                || text.contains("set constraints")
        }
    }
}

/// Whether a statement that takes something away gives it another name or type, rather than dropping it.
pub(super) fn renames(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let moves = words.windows(2).any(|pair| pair == ["set", "schema"]);
    words.first() != Some(&"drop") && (moves || words.iter().any(|word| ["rename", "type"].contains(word)))
}

/// Whether rows that fit before may not fit any more: a constraint or a unique index is added. Foreign keys are not
/// looked at where rows are replicated, and may go either way.
pub(super) fn tightens(text: &str) -> bool {
    const ADDED: [&[&str]; 8] = [
        &["add", "constraint"],
        &["add", "check"],
        &["add", "unique"],
        &["add", "primary"],
        &["add", "exclude"],
        &["add", "not", "null"],
        &["set", "not", "null"],
        &["create", "unique", "index"],
    ];
    has(text, &ADDED)
}

/// Whether rows fit that did not before: a constraint or an index is dropped, or a value added to a type.
pub(super) fn loosens(text: &str) -> bool {
    const DROPPED: [&[&str]; 4] =
        [&["drop", "constraint"], &["drop", "not", "null"], &["drop", "index"], &["add", "value"]];
    has(text, &DROPPED)
}

/// Whether words stand somewhere one behind the other.
fn has(text: &str, phrases: &[&[&str]]) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty()).collect();
    phrases.iter().any(|phrase| words.windows(phrase.len()).any(|window| window == *phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        let statement = Statement {
            range: 0..text.len(),
            class: Class::Schema,
            target: 0..0,
            other: 0..0,
            condition: 0..0,
        };
        match Setting::of(&statement, text) {
            Setting::None => "none".to_owned(),
            Setting::Local(name) => name,
            Setting::Refused(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn only_what_ends_with_the_transaction_is_captured() {
        assert_eq!(check("SET LOCAL work_mem='1MB';"), "work_mem");
        assert_eq!(check("set local\tTime Zone 'UTC'"), "timezone");
        assert_eq!(check("SET CONSTRAINTS ALL DEFERRED"), "none");
        assert_eq!(check("CREATE TABLE temp (a int)"), "none");
        for text in [
            "SET work_mem = '1MB'",
            "SET LOCAL ROLE app",
            "SET LOCAL session_replication_role=origin",
            "SET LOCAL SESSION AUTHORIZATION app",
            "RESET ALL",
            "SELECT pg_catalog.set_config('search_path', '', false)",
            "DISCARD TEMP",
            "CREATE TEMP TABLE a (b int)",
            "CREATE LOCAL TEMPORARY TABLE a (b int)",
        ] {
            assert_eq!(check(text), "refused", "{text}");
        }
    }

    #[test]
    fn a_new_name_or_type_is_told_from_a_drop() {
        for text in
            ["ALTER TABLE a RENAME b TO c", "ALTER TABLE a\n  ALTER b TYPE int", "ALTER TABLE a SET SCHEMA b"]
        {
            assert!(renames(text), "{text}");
        }
        for text in ["ALTER TABLE a DROP COLUMN b", "DROP TYPE rename"] {
            assert!(!renames(text), "{text}");
        }
    }
    #[test]
    fn what_restricts_rows_is_told_from_what_no_longer_does() {
        for text in [
            "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID",
            "ALTER TABLE a\n  ADD CHECK(c > 0)",
            "ALTER TABLE a ALTER b SET  NOT NULL",
            "CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)",
        ] {
            assert!(tightens(text) && !loosens(text), "{text}");
        }
        for text in [
            "ALTER TABLE a DROP CONSTRAINT b",
            "ALTER TABLE a ALTER b DROP NOT NULL",
            "DROP INDEX CONCURRENTLY a",
            "ALTER TYPE a ADD VALUE 'b'",
        ] {
            assert!(loosens(text) && !tightens(text), "{text}");
        }
        assert!(!tightens("CREATE INDEX a ON b (c)") && !loosens("ALTER TABLE a ADD b text"));
    }
}
