use squawk_lexer::TokenKind;
use squawk_parser::SyntaxKind as K;

use super::batch::not_in_batches;
use super::breaking_change::takes_away;
use super::script::{ParsedStatement, Script};
use super::syntax_error::{SyntaxError, unseen};
use super::transaction::refuses_transaction;
use super::{advisory_unlock, session_effects};
use crate::error::{Error, ErrorKind, Place};
use crate::lex::{fold, tokens};
use crate::patch::directive::{self, MARK};
use crate::patch::{Directives, FileRole, Kind, Version};

/// What a patch must keep to, found in its text.
pub(crate) struct Rules<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
    pub(crate) role: FileRole,
    pub(crate) version: Version,
    pub(crate) directives: &'a Directives,
    /// Whether it was locked before, and so accepted: a rule that is new does not break it.
    pub(crate) locked: bool,
}

/// Everything that is wrong with a patch's SQL.
pub(crate) fn check(rules: &Rules<'_>, script: &Script) -> Vec<Error> {
    let statements = script.statements.iter().flat_map(|statement| rules.statement(statement));
    let found = syntax(rules.file, rules.text, script).chain(statements).chain(rules.whole(script));
    let unseen = unseen(rules.text).filter(|_| !rules.locked && script.errors.is_empty());
    found.chain(unseen.map(|error| described(rules.file, rules.text, &error))).collect()
}

/// What does not parse in a patch.
pub(crate) fn syntax<'a>(
    file: &'a str,
    text: &'a str,
    script: &'a Script,
) -> impl Iterator<Item = Error> + 'a {
    script.errors.iter().map(move |error| described(file, text, error))
}

fn described(file: &str, text: &str, error: &SyntaxError) -> Error {
    let mut problem =
        Error::new(ErrorKind::Syntax, error.message.clone()).at(Place::offset(file, text, error.offset));
    if let Some(note) = &error.note {
        problem = problem.note(note.clone());
    }
    match error.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

impl Rules<'_> {
    fn place(&self, offset: usize) -> Place {
        Place::offset(self.file, self.text, offset)
    }

    fn refuse(&self, offset: usize, message: String, help: &str) -> Option<Error> {
        Some(Error::new(ErrorKind::Statement, message).at(self.place(offset)).help(help))
    }

    fn statement(&self, statement: &ParsedStatement) -> impl Iterator<Item = Error> + use<> {
        let found = [
            self.transaction_control(statement),
            self.copy(statement),
            self.outside_transaction(statement),
            self.unnamed_index(statement),
            self.discard(statement),
            self.set_transaction(statement),
            self.outlasts(statement),
            self.lost(statement),
            self.unlock(statement),
            self.min_app(statement),
        ];
        found.into_iter().flatten()
    }

    fn transaction_control(&self, statement: &ParsedStatement) -> Option<Error> {
        const CONTROL: [K; 4] =
            [K::BEGIN, K::COMMIT_TRANSACTION, K::ROLLBACK_TRANSACTION, K::PREPARE_TRANSACTION];
        if !CONTROL.contains(&statement.kind) {
            return None;
        }
        let two = statement.kind == K::PREPARE_TRANSACTION || statement.has_word(K::START_KW);
        let word = self.words(statement, if two { 2 } else { 1 });
        let help = "the runtime begins and commits: remove the statement; SAVEPOINT and ROLLBACK TO are fine";
        self.refuse(statement.range.start, format!("`{word}` is not allowed in a patch"), help)
    }

    fn copy(&self, statement: &ParsedStatement) -> Option<Error> {
        let (offset, word, help) = match (statement.find(K::COPY_STDIN), statement.find(K::COPY_STDOUT)) {
            (Some(offset), _) => (
                offset,
                "COPY FROM STDIN",
                "rows can't be sent with a patch: use INSERT; `pg_dump --inserts` writes it",
            ),
            (None, Some(offset)) => {
                (offset, "COPY TO STDOUT", "nobody would read the rows: remove the statement")
            }
            (None, None) => return None,
        };
        self.refuse(offset, format!("`{word}` is not allowed in a patch"), help)
    }

    fn outside_transaction(&self, statement: &ParsedStatement) -> Option<Error> {
        if self.kind == Kind::Concurrent {
            return None;
        }
        let name = refuses_transaction(statement)?;
        let help = match self.role {
            FileRole::Down => "state the kind of this way back: `-- migrate: kind concurrent`",
            _ => "put it into a patch of its own, of kind `concurrent`",
        };
        let message = format!("`{name}` can't run in a transaction, and a {} patch is one", self.kind);
        self.refuse(statement.range.start, message, help)
    }

    // What was left half-built can only be found again by its name.
    fn unnamed_index(&self, statement: &ParsedStatement) -> Option<Error> {
        let unnamed = statement.kind == K::CREATE_INDEX && !statement.has(K::INDEX);
        if self.kind != Kind::Concurrent || !unnamed {
            return None;
        }
        let help = "name it, so that it can be found again after an interruption";
        self.refuse(statement.range.start, "an index in a concurrent patch has no name".to_owned(), help)
    }

    fn discard(&self, statement: &ParsedStatement) -> Option<Error> {
        let unlocks = statement.has(K::DISCARD_ALL);
        let help = "it would release the migration lock: use RESET ALL";
        unlocks.then(|| {
            self.refuse(statement.range.start, "`DISCARD ALL` is not allowed in a patch".to_owned(), help)
        })?
    }

    // The history's row comes first, and the server wants this before any query.
    fn set_transaction(&self, statement: &ParsedStatement) -> Option<Error> {
        let later = statement.has(K::SESSION_CHARACTERISTICS);
        if statement.kind != K::SET_TRANSACTION || later || self.kind == Kind::Concurrent {
            return None;
        }
        let help = "the runtime begins the transaction, and writes to it before the patch: remove the statement; a directive names \
             its level, `-- migrate: isolation serializable`";
        self.refuse(statement.range.start, "`SET TRANSACTION` is not allowed in a patch".to_owned(), help)
    }

    // A run that breaks off is gone on with by another session, and each statement has a transaction of its own.
    fn outlasts(&self, statement: &ParsedStatement) -> Option<Error> {
        const BOUND: [K; 8] = [
            K::DECLARE,
            K::LOCK,
            K::PREPARE,
            K::SAVEPOINT_CREATE,
            K::RELEASE_SAVEPOINT,
            K::ROLLBACK_TO_SAVEPOINT,
            K::SET_CONSTRAINTS,
            K::SET_TRANSACTION,
        ];
        if self.kind != Kind::Concurrent {
            return None;
        }
        let local = statement.has(K::LOCAL_SCOPE).then_some(2);
        let bound = BOUND.contains(&statement.kind).then_some(1);
        let words = local.or(bound).map(|count| self.words(statement, count));
        let found = self.temporary(statement).or(words)?;
        let message = format!("`{found}` is not allowed in a concurrent patch");
        let help = "each of its statements is a transaction, and after an interruption another session \
                    continues: the next statement would not find it";
        self.refuse(statement.range.start, message, help)
    }

    /// How a statement says that what it makes is its session's.
    fn temporary(&self, statement: &ParsedStatement) -> Option<String> {
        const MADE: [K; 4] = [K::CREATE_TABLE, K::CREATE_TABLE_AS, K::CREATE_VIEW, K::CREATE_SEQUENCE];
        let is_temporary = |word: &&str| ["TEMP", "TEMPORARY"].contains(word);
        let words = self.words(statement, usize::MAX);
        let words: Vec<&str> = words.split(' ').collect();
        let mut first = words.iter().take(4).take_while(|word| !["TABLE", "VIEW", "SEQUENCE"].contains(word));
        let created = first.position(is_temporary).filter(|_| MADE.contains(&statement.kind));
        let into =
            words.iter().skip_while(|word| **word != "INTO").skip(1).take(2).find(|word| is_temporary(word));
        let into = into.filter(|_| statement.kind == K::SELECT_INTO);
        // As a schema of what is made: in a search path it is at the end, and nothing is created in it.
        let text = self.text.get(statement.range.clone()).unwrap_or_default();
        let mut parts = tokens(text).filter(|token| !token.is_trivia()).peekable();
        let mut named = false;
        while let Some(token) = parts.next() {
            named |= token.is("pg_temp") && parts.peek().is_some_and(|next| next.text == ".");
        }
        let schema = || named.then(|| "pg_temp".to_owned());
        let created = created.and_then(|last| words.get(..=last)).map(|words| words.join(" "));
        created.or_else(|| into.map(|word| format!("SELECT INTO {word}"))).or_else(schema)
    }

    fn lost(&self, statement: &ParsedStatement) -> Option<Error> {
        let text = self
            .text
            .get(statement.range.clone())
            .filter(|_| self.kind == Kind::Concurrent && !self.locked)?;
        let lost = session_effects::lost(statement, text)?;
        self.refuse(statement.range.start + lost.offset, lost.message, &lost.help)
    }

    fn unlock(&self, statement: &ParsedStatement) -> Option<Error> {
        // What a function does when it is called is not seen here.
        if [K::CREATE_FUNCTION, K::CREATE_PROCEDURE].contains(&statement.kind) {
            return None;
        }
        let text = self.text.get(statement.range.clone()).unwrap_or_default();
        let (offset, name) = advisory_unlock::find(text, statement.kind == K::DO)?;
        let help = "it can release the migration lock: take a lock that ends with the transaction, with `pg_advisory_xact_lock`";
        self.refuse(statement.range.start + offset, format!("`{name}` may not be called in a patch"), help)
    }

    fn min_app(&self, statement: &ParsedStatement) -> Option<Error> {
        let (offset, verb) = takes_away(statement)?;
        if self.role != FileRole::Up || self.directives.min_app.is_some() {
            return None;
        }
        let help = format!(
            "binaries that still use it break: state which binaries may run with `-- migrate: min-app {}` (if \
             their bundle ends there or later)\nor `-- migrate: min-app any` (all of them)",
            self.version,
        );
        let message = format!("a patch that {verb} must state its `min-app`");
        Some(Error::new(ErrorKind::Directive, message).at(self.place(offset)).help(help))
    }

    fn whole(&self, script: &Script) -> Vec<Error> {
        let mut found = Vec::new();
        found.extend(self.empty(script));
        found.extend(self.misplaced());
        if let Some(crate::patch::MinApp::Version(min_app)) = self.directives.min_app
            && min_app > self.version
        {
            let help = "no binary could run against it, not even this one: state this patch's version or a lower one";
            let message = format!("`min-app {min_app}` is above the patch's own version `{}`", self.version);
            found.push(Error::new(ErrorKind::Directive, message).at(Place::file(self.file)).help(help));
        }
        if self.directives.batch.is_some() && (self.kind != Kind::Concurrent || script.statements.len() != 1)
        {
            found.push(self.not_batched(Place::file(self.file)));
        } else if self.directives.batch.is_some()
            && let Some((offset, why)) =
                script.statements.first().and_then(|statement| self.unbatched(statement))
        {
            found.push(self.not_batched(self.place(offset)).note(why));
        }
        found.extend(self.late_directive(script));
        found
    }

    // A file that was not written yet looks the same: only a way back may say nothing without a word.
    fn empty(&self, script: &Script) -> Option<Error> {
        let says = self.directives.empty.is_some();
        let first = script.statements.first();
        match first.filter(|_| says) {
            Some(statement) => Some(
                Error::new(ErrorKind::Directive, "a patch with a statement has the directive `empty`")
                    .at(self.place(statement.range.start))
                    .help("remove the directive, or the statement"),
            ),
            None if first.is_some() || says || !script.errors.is_empty() || self.role == FileRole::Down => {
                None
            }
            None => {
                let help = "write the statement, or remove the file\n\
                            or, if this version must do nothing, say so: `-- migrate: empty: why`";
                self.refuse(0, "the patch has no statement".to_owned(), help)
            }
        }
    }

    /// Directives that say nothing in a file of this kind.
    fn misplaced(&self) -> Vec<Error> {
        let isolation = (
            "isolation",
            "a concurrent patch takes no isolation level",
            "each of its statements is a transaction of its own, or runs in none: put the statements that need the level into a `std` patch",
        );
        let kind = (
            "kind",
            "only a way back may have another kind than that in its name",
            "name the file by its kind: `patch-1-0-0-concurrent.sql`, or `00001-study.concurrent.sql`",
        );
        let isolation =
            Some(isolation).filter(|_| self.kind == Kind::Concurrent && self.directives.isolation.is_some());
        let kind = Some(kind).filter(|_| self.role != FileRole::Down && self.directives.kind.is_some());
        let found = isolation.into_iter().chain(kind).flat_map(|(key, message, help)| {
            directive::places(self.file, self.text, key)
                .map(move |place| Error::new(ErrorKind::Directive, message).at(place).help(help))
        });
        found.collect()
    }

    fn unbatched(&self, statement: &ParsedStatement) -> Option<(usize, &'static str)> {
        let key = self.directives.batch.as_ref().map(|batch| fold(&batch.key))?;
        let moved = || {
            statement.tree.root(self.text)?.child(K::SET_CLAUSE)?.all().find_map(|column| {
                let set = [K::SET_SINGLE_COLUMN, K::SET_MULTIPLE_COLUMNS].contains(&column.kind());
                let target = column.children().next().filter(|_| set)?;
                target.all().find(|word| word.is_token() && fold(word.text()) == key)
            })
        };
        not_in_batches(statement)
            .or_else(|| Some((moved()?.start(), "it changes the key, so that a row could be in two batches")))
    }

    fn not_batched(&self, place: Place) -> Error {
        let help = "a batched patch is of kind `concurrent`, and has exactly one UPDATE or DELETE";
        Error::new(ErrorKind::Directive, "a patch that can't be batched has the directive `batch`")
            .at(place)
            .help(help)
    }

    fn late_directive(&self, script: &Script) -> Option<Error> {
        let first = script.statements.first()?.range.start;
        let heading = directive::heading(self.text);
        for token in tokens(self.text) {
            let start = token.start;
            let mut lines =
                token.text.lines().map(|line| line.trim_start_matches(['-', '/', '*', ' ', '\t']));
            let directive = lines.any(|line| line.starts_with(MARK));
            let message = match token.kind {
                TokenKind::LineComment if start > first => "a directive is after the first statement",
                TokenKind::LineComment if start >= heading => "a directive is in a place where none is read",
                TokenKind::BlockComment { .. } if start < first => {
                    "a directive is in a place where none is read"
                }
                _ => continue,
            };
            if directive {
                return Some(
                    Error::new(ErrorKind::Directive, message)
                        .at(self.place(start))
                        .help("move it into the `--` comment at the top of the file"),
                );
            }
        }
        None
    }

    fn words(&self, statement: &ParsedStatement, count: usize) -> String {
        let text = self.text.get(statement.range.clone()).unwrap_or_default();
        let words = tokens(text).filter(|token| token.kind == TokenKind::Ident).map(|token| token.text);
        words.take(count).collect::<Vec<_>>().join(" ").to_uppercase()
    }
}
