use squawk_lexer::TokenKind;

use crate::error::{Error, ErrorKind, Place};
use crate::lex::tokens;
use crate::patch::FileRole;

/// What a comment says to another tool.
struct ToolComment {
    /// How it begins, in lower case and with single spaces.
    begins: &'static str,
    tool: &'static str,
    means: Meaning,
}

/// What it means there.
#[derive(Clone, Copy)]
enum Meaning {
    /// What follows is the way back.
    Back,
    /// What follows is not in a transaction.
    NoTransaction,
    /// Anything else, such as that the patch begins.
    Other,
}

use Meaning::{Back, NoTransaction, Other};

const fn mark(begins: &'static str, tool: &'static str, means: Meaning) -> ToolComment {
    ToolComment { begins, tool, means }
}

/// Of two that begin alike, the longer one comes first.
const MARKS: [ToolComment; 29] = [
    mark("+goose down", "goose", Back),
    mark("+goose no transaction", "goose", NoTransaction),
    mark("+goose", "goose", Other),
    mark("+micrate down", "micrate", Back),
    mark("+micrate", "micrate", Other),
    mark("+migrate down", "sql-migrate", Back),
    mark("+migrate up notransaction", "sql-migrate", NoTransaction),
    mark("+migrate", "sql-migrate", Other),
    mark("migrate:up transaction:false", "dbmate", NoTransaction),
    mark("migrate:up", "dbmate", Other),
    mark("migrate:down", "dbmate", Back),
    mark("liquibase formatted sql", "Liquibase", Other),
    mark("no-transaction", "sqlx and others", NoTransaction),
    mark("no_transaction", "sqlx and others", NoTransaction),
    mark("disable_ddl_transaction", "other tools", NoTransaction),
    mark("rambler down", "rambler", Back),
    mark("rambler no-transaction", "rambler", NoTransaction),
    mark("rambler", "rambler", Other),
    mark("up migration", "node-pg-migrate", Other),
    mark("down migration", "node-pg-migrate", Back),
    mark("create above / drop below", "tern", Back),
    mark("//@undo", "MyBatis Migrations", Back),
    mark("// @undo", "MyBatis Migrations", Back),
    mark("==== up ====", "shmig", Other),
    mark("==== down ====", "shmig", Back),
    mark("!ups", "Play", Other),
    mark("!downs", "Play", Back),
    mark("atlas:txmode none", "Atlas", NoTransaction),
    mark("flyway:executeintransaction=false", "Flyway", NoTransaction),
];

/// Comments by which another tool would part a file or run it otherwise: here they say nothing, and the way back would run as
/// part of the patch. In a file of its own the way back may be called so.
pub(crate) fn foreign(file: &str, text: &str, role: FileRole) -> Vec<Error> {
    let liquibase = text.to_lowercase().contains("liquibase formatted sql");
    let comments = tokens(text).filter(|token| token.kind == TokenKind::LineComment);
    let found = comments.filter_map(|comment| {
        let said = comment.text.trim_start_matches('-').trim();
        let words = said.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let (tool, means) = meant(&words, comment.text, liquibase)
            .filter(|(_, means)| !(role == FileRole::Down && matches!(means, Back)))?;
        Some(refused(said.trim_end_matches('-').trim(), tool, help(means, role)).at(Place::offset(
            file,
            text,
            comment.start,
        )))
    });
    found.collect()
}

fn meant(words: &str, comment: &str, liquibase: bool) -> Option<(&'static str, Meaning)> {
    let known = MARKS.iter().find(|mark| {
        let behind = words.strip_prefix(mark.begins);
        behind.is_some_and(|rest| {
            !rest.starts_with(|c: char| {
                c.is_alphanumeric() || c == '_' || c == '-' && mark.begins.ends_with("transaction")
            })
        })
    });
    if let Some(mark) = known {
        return Some((mark.tool, mark.means));
    }
    // With a space, it is a sentence in many files.
    if words.starts_with("rollback ") && (liquibase || comment.starts_with("--rollback")) {
        Some(("Liquibase", Back))
    } else if words.split_once(' ').is_some_and(|(word, id)| word == "changeset" && id.contains(':')) {
        Some(("Liquibase", Other))
    } else {
        None
    }
}

fn help(means: Meaning, role: FileRole) -> &'static str {
    match (means, role) {
        (Back, FileRole::Up | FileRole::Down) => {
            "the lines below it would run as part of the patch: move them into the way back, a file in this directory \
             whose name ends with `.down.sql`, and remove this line"
        }
        (Back, FileRole::Baseline) => {
            "the lines below it would run as well, and do not belong here: remove them and this line"
        }
        (NoTransaction, FileRole::Up) => {
            "remove the line: a statement that can't run in a transaction belongs in a patch of kind `concurrent`"
        }
        (NoTransaction, FileRole::Down) => "use a directive at the top: `-- migrate: kind concurrent`",
        (NoTransaction, FileRole::Baseline) => "remove the line: all of it runs in one transaction",
        (Other, FileRole::Up) => {
            "remove the line: a file is one patch, and its way back is another file, which ends with `.down.sql`"
        }
        (Other, FileRole::Down) => {
            "remove the line: the file is the way back of one patch, and has nothing else in it"
        }
        (Other, FileRole::Baseline) => "remove the line",
    }
}

fn refused(said: &str, tool: &str, help: &str) -> Error {
    let shown: String = said.chars().take(60).collect();
    Error::new(ErrorKind::Directive, format!("`{shown}` is for {tool}, and has no effect here")).help(help)
}

#[cfg(test)]
mod tests {
    use super::{FileRole, foreign};

    /// What is advised for each meaning.
    const BACK: &str = "move them into the way back";
    const CONCURRENT: &str = "belongs in a patch of kind `concurrent`";
    const REMOVE: &str = "remove the line: a file is one patch";

    fn told(text: &str) -> Vec<String> {
        foreign("p.sql", text, FileRole::Up)
            .iter()
            .map(|error| format!("{}: {}", error.place().unwrap().line, error.message()))
            .collect()
    }

    #[test]
    fn what_is_meant_for_another_tool_is_refused_by_name() {
        assert_eq!(
            told(
                "-- +goose Up\nCREATE TABLE a ();\n--  +goose   StatementBegin\nSELECT 1;\n-- +goose Down\nDROP TABLE a;"
            ),
            [
                "1: `+goose Up` is for goose, and has no effect here",
                "3: `+goose   StatementBegin` is for goose, and has no effect here",
                "5: `+goose Down` is for goose, and has no effect here",
            ]
        );
        for (line, tool, help) in [
            ("-- +goose Down", "goose", BACK),
            ("-- +goose NO TRANSACTION", "goose", CONCURRENT),
            ("-- +goose StatementEnd", "goose", REMOVE),
            ("-- +micrate Down", "micrate", BACK),
            ("-- +micrate Up", "micrate", REMOVE),
            ("-- +migrate Down", "sql-migrate", BACK),
            ("-- +migrate Up notransaction", "sql-migrate", CONCURRENT),
            ("-- +migrate Up", "sql-migrate", REMOVE),
            ("-- migrate:up transaction:false", "dbmate", CONCURRENT),
            ("-- migrate:up", "dbmate", REMOVE),
            ("-- migrate:down", "dbmate", BACK),
            ("--liquibase formatted sql", "Liquibase", REMOVE),
            ("--changeset ann:1 runInTransaction:false", "Liquibase", REMOVE),
            ("--rollback DROP TABLE a;", "Liquibase", BACK),
            ("-- no-transaction", "sqlx and others", CONCURRENT),
            ("-- no_transaction", "sqlx and others", CONCURRENT),
            ("-- disable_ddl_transaction!", "other tools", CONCURRENT),
            ("-- rambler down", "rambler", BACK),
            ("-- rambler no-transaction", "rambler", CONCURRENT),
            ("-- rambler up", "rambler", REMOVE),
            ("-- Up Migration", "node-pg-migrate", REMOVE),
            ("-- Down Migration", "node-pg-migrate", BACK),
            ("---- create above / drop below ----", "tern", BACK),
            ("-- //@UNDO", "MyBatis Migrations", BACK),
            ("-- // @undo", "MyBatis Migrations", BACK),
            ("-- ==== UP ====", "shmig", REMOVE),
            ("-- ==== DOWN ====", "shmig", BACK),
            ("--- !Ups", "Play", REMOVE),
            ("--- !Downs", "Play", BACK),
            ("-- atlas:txmode none", "Atlas", CONCURRENT),
            ("-- flyway:executeInTransaction=false", "Flyway", CONCURRENT),
        ] {
            let found = foreign("p.sql", &format!("SELECT 1;\n{line}\nSELECT 2;"), FileRole::Up);
            let [error] = found.as_slice() else { panic!("{line}: {found:?}") };
            assert_eq!(error.place().unwrap().line, 2, "{line}");
            let message = error.message();
            assert!(message.ends_with(&format!("` is for {tool}, and has no effect here")), "{message}");
            assert!(error.advice().unwrap().contains(help), "{line}: {error}");
        }
        assert_eq!(told("--liquibase formatted sql\n-- rollback drop table a").len(), 2);
    }

    #[test]
    fn a_sentence_is_a_sentence() {
        for text in [
            "-- rollback is not possible\nSELECT 1;",
            "-- migrate: min-app any\nSELECT 1;",
            "-- migrate up to the next version",
            "-- no-transactional table is left",
            "-- +gooseberry",
            "-- changeset of the year",
            "SELECT '\n-- +goose Down\n', $$\n-- +goose Down\n$$ /*\n-- +goose Down\n*/;",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
