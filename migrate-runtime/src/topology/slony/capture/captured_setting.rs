use embed_migrate_core::{Class, Statement, words};

/// What of a statement would not stay within its patch on the nodes, whose daemons run many in one session, and several
/// in one transaction.
pub(crate) enum CapturedSetting {
    /// Nothing.
    None,
    /// A setting for the transaction: it is put back after the patch.
    Local(String),
    /// It can't be captured; the clause says why.
    Refused(&'static str),
}

/// Names that the daemon's session lives by, and that Slony's functions refuse to set.
const RESERVED: [&str; 9] = [
    "role",
    "session",
    "session_authorization",
    "session_replication_role",
    "transaction",
    "transaction_isolation",
    "transaction_read_only",
    "transaction_deferrable",
    "names",
];

const ROLE: &str = "the daemons run captured statements as their own role, and a change of role stops them";
const STAYS: &str = "it would stay in the daemons' sessions: `SET LOCAL` ends with the patch";
const KEPT: &str = "its effect would stay in the daemons' sessions";
const TEMPORARY: &str = "temporary objects would stay in the daemons' sessions";

impl CapturedSetting {
    /// What a statement sets.
    pub(crate) fn of(statement: &Statement, text: &str) -> CapturedSetting {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            words if is_temporary(words) => CapturedSetting::Refused(TEMPORARY),
            ["prepare" | "deallocate" | "listen" | "unlisten" | "load", ..] => CapturedSetting::Refused(KEPT),
            ["declare", ..] if follow(&words, &["with", "hold"]) => CapturedSetting::Refused(KEPT),
            // For the transaction too: a daemon's may have other patches in it.
            ["select", ..] if follow(&words, &["set_config", "("]) => CapturedSetting::Refused(STAYS),
            _ if ![Class::Schema, Class::Drop].contains(&statement.class) => CapturedSetting::None,
            ["set", "constraints", ..] => CapturedSetting::None,
            ["set", "local", rest @ ..] => local(rest),
            // One that does nothing but set something for the session.
            ["set" | "reset" | "discard" | "select", ..] => CapturedSetting::Refused(STAYS),
            _ => CapturedSetting::None,
        }
    }
}

/// The words after `SET LOCAL`.
fn local(words: &[&str]) -> CapturedSetting {
    let name = match words {
        ["time", "zone", ..] => "timezone".to_owned(),
        ["xml", "option", ..] => "xmloption".to_owned(),
        ["schema", value, ..] if value.ends_with('\'') => "search_path".to_owned(),
        _ => words.iter().take_while(|word| !["=", "to"].contains(*word)).map(|word| bare(word)).collect(),
    };
    let first = words.first().map(|word| bare(word)).unwrap_or_default();
    match [first.as_str(), name.as_str()].iter().any(|name| RESERVED.contains(name)) {
        true => CapturedSetting::Refused(ROLE),
        // What it is can't be read, so that it can't be put back.
        false if name == "seed" => CapturedSetting::Refused(KEPT),
        false => CapturedSetting::Local(name),
    }
}

/// A name as settings are looked up by: without quotes and capitals.
fn bare(word: &str) -> String {
    word.trim_matches('"').to_lowercase()
}

/// Whether a statement makes something that is temporary.
fn is_temporary(words: &[&str]) -> bool {
    const BEFORE: [&str; 4] = ["or", "replace", "local", "global"];
    let is_temp = |word: &&str| ["temp", "temporary"].contains(word);
    match words {
        ["create", rest @ ..] => {
            let kind = rest.iter().find(|word| !BEFORE.contains(word));
            let end = rest.iter().position(|word| ["(", "as"].contains(word)).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            kind.is_some_and(is_temp)
                || follow(name, &["pg_temp", "."])
                || follow(name, &["\"pg_temp\"", "."])
        }
        // SELECT … INTO TEMP t, which may have the words `local` and `table` as well.
        ["select" | "with" | "(", ..] => {
            let into = |rest: &[&str]| rest.iter().find(|word| !BEFORE.contains(word)).is_some_and(is_temp);
            let selects = |pair: &[&str]| {
                pair.last() == Some(&"into")
                    && !pair.first().is_some_and(|word| ["insert", "merge"].contains(word))
            };
            words
                .windows(2)
                .enumerate()
                .any(|(at, pair)| selects(pair) && words.get(at + 2..).is_some_and(into))
        }
        _ => false,
    }
}

/// Whether nodes must have a patch before the next one is captured: a daemon may run both in one transaction, in which an
/// added value can't be used, and a table whose rows wait for a check can't be altered.
pub(crate) fn stands_alone(statement: &Statement, text: &str) -> bool {
    match statement.class {
        Class::Rows => !statement.target.is_empty(),
        Class::Any => true,
        _ => {
            let words = words(text);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["set", "constraints", ..] => true,
                ["alter", "type", ..] => follow(&words, &["add", "value"]),
                _ => false,
            }
        }
    }
}

/// Whether a statement that takes something away gives it another name or type, rather than dropping it.
pub(crate) fn renames(text: &str) -> bool {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let moves = follow(&words, &["set", "schema"]);
    words.first() != Some(&"drop") && (moves || words.iter().any(|word| ["rename", "type"].contains(word)))
}

/// Whether rows that fit before may not fit any more: a constraint or a unique index is added. Foreign keys are not
/// looked at if rows are replicated, and may go either way.
pub(crate) fn tightens(text: &str) -> bool {
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
pub(crate) fn loosens(text: &str) -> bool {
    const DROPPED: [&[&str]; 4] =
        [&["drop", "constraint"], &["drop", "not", "null"], &["drop", "index"], &["add", "value"]];
    has(text, &DROPPED)
}

/// Whether a text has one of these.
fn has(text: &str, phrases: &[&[&str]]) -> bool {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    phrases.iter().any(|phrase| follow(&words, phrase))
}

/// Whether words follow each other somewhere.
fn follow(words: &[&str], phrase: &[&str]) -> bool {
    words.windows(phrase.len()).any(|window| window == phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is one statement.
    fn whole(text: &str) -> Statement {
        let (range, none) = (0..text.len(), 0..0);
        Statement { range, class: Class::Schema, target: none.clone(), other: none.clone(), condition: none }
    }

    fn check(text: &str) -> String {
        let statement = whole(text);
        match CapturedSetting::of(&statement, text) {
            CapturedSetting::None => "none".to_owned(),
            CapturedSetting::Local(name) => name,
            CapturedSetting::Refused(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn only_what_ends_with_the_transaction_is_captured() {
        assert_eq!(check("SET LOCAL work_mem='1MB';"), "work_mem");
        assert_eq!(check("set local\tTime Zone 'UTC'"), "timezone");
        assert_eq!(check("SET CONSTRAINTS ALL DEFERRED"), "none");
        assert_eq!(check("CREATE TABLE temp (a int)"), "none");
        assert_eq!(check("SET/* a */LOCAL -- b\n\"Work_Mem\" TO '1MB'"), "work_mem");
        assert_eq!(check("SET LOCAL app . \"Who\" = 'set role'"), "app.who");
        assert_eq!(check("SET LOCAL XML /* a */ OPTION DOCUMENT"), "xmloption");
        assert_eq!(check("SET LOCAL SCHEMA 'app'"), "search_path");
        assert_eq!(check("CREATE VIEW a AS SELECT 'CREATE TEMP TABLE' AS \"pg_temp.b\""), "none");
        assert_eq!(check("SELECT temp FROM a"), "refused", "of this class it only sets");
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
            "CREATE /* x */ TEMP TABLE a (b int)",
            "CREATE/**/OR/**/REPLACE/**/TEMP/**/VIEW a AS SELECT 1",
            "CREATE TABLE pg_temp /* x */ . a (b int)",
            "SET/**/ROLE app",
            "SET/**/LOCAL/**/ROLE app",
            "set local \"Role\" = app",
            "SET LOCAL session_authorization = app",
            "SET -- x\nwork_mem = '1MB'",
            "RESET/**/ALL",
            "PREPARE a AS SELECT 1",
            "UNLISTEN *",
            "LOAD 'auto_explain'",
            "DECLARE a CURSOR WITH /* x */ HOLD FOR SELECT 1",
        ] {
            assert_eq!(check(text), "refused", "{text}");
        }
    }

    #[test]
    fn what_is_temporary_is_seen_in_rows_too() {
        let class = |class, text: &str| {
            let statement =
                Statement { range: 0..text.len(), class, target: 0..0, other: 0..0, condition: 0..0 };
            matches!(CapturedSetting::of(&statement, text), CapturedSetting::Refused(TEMPORARY))
        };
        assert!(class(Class::Any, "CREATE /* x */ TEMP TABLE a AS SELECT 1"));
        assert!(class(Class::Any, "SELECT 1 AS b INTO/**/TEMP a"));
        assert!(class(Class::Any, "WITH c AS (SELECT 1) SELECT * INTO LOCAL TEMPORARY TABLE a FROM c"));
        assert!(!class(Class::Any, "SELECT 1 AS b INTO temp_a"));
        assert!(!class(Class::Rows, "WITH c AS (SELECT 1) INSERT INTO temp SELECT * FROM c"));
    }

    #[test]
    fn nodes_have_a_patch_first_whose_value_the_next_may_use() {
        let alone = |text: &str| {
            let statement = whole(text);
            stands_alone(&statement, text)
        };
        for text in [
            "ALTER /* x */ TYPE a ADD VALUE 'b'",
            "ALTER TYPE a ADD/**/VALUE IF NOT EXISTS 'b'",
            "alter\ntype a add -- x\n value 'b'",
            "SET/**/CONSTRAINTS ALL DEFERRED",
        ] {
            assert!(alone(text), "{text}");
        }
        for text in ["ALTER TYPE a RENAME VALUE 'add value' TO 'b'", "ALTER TABLE a ADD value text"] {
            assert!(!alone(text), "{text}");
        }
    }

    #[test]
    fn a_new_name_or_type_is_told_from_a_drop() {
        for text in [
            "ALTER TABLE a RENAME b TO c",
            "ALTER TABLE a\n  ALTER b TYPE int",
            "ALTER TABLE a SET/**/SCHEMA b",
        ] {
            assert!(renames(text), "{text}");
        }
        for text in [
            "ALTER TABLE a DROP COLUMN b",
            "DROP TYPE rename",
            "/* x */DROP TYPE a",
            "ALTER TABLE a DROP COLUMN \"type\"",
        ] {
            assert!(!renames(text), "{text}");
        }
    }
    #[test]
    fn what_restricts_rows_is_told_from_what_no_longer_does() {
        for text in [
            "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID",
            "ALTER TABLE a\n  ADD CHECK(c > 0)",
            "ALTER TABLE a ALTER b SET /* x */ NOT/**/NULL",
            "ALTER TABLE a ADD/**/UNIQUE(c)",
            "CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)",
        ] {
            assert!(tightens(text) && !loosens(text), "{text}");
        }
        for text in [
            "ALTER TABLE a DROP CONSTRAINT b",
            "ALTER TABLE a ALTER b DROP NOT NULL",
            "DROP INDEX CONCURRENTLY a",
            "ALTER TYPE a ADD VALUE 'b'",
            "DROP/**/INDEX a",
        ] {
            assert!(loosens(text) && !tightens(text), "{text}");
        }
        assert!(!tightens("CREATE INDEX a ON b (c)") && !loosens("ALTER TABLE a ADD b text"));
    }
}
