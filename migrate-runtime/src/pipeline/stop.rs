//! Finds where the server stopped, after a failure only. For most failures the server sends no position, but it has
//! reported each completed statement.

use std::ops::Range;
use std::sync::atomic::Ordering;

use embed_migrate_core::{line_of_body, statement_ranges};
use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use super::script::Script;

/// What the server was sent, and how far it came.
pub(crate) struct SentText<'a> {
    sql: &'a str,
    /// The part of it that the user wrote; the rest is ours, also the inserted text.
    own: Range<usize>,
    inserted: Range<usize>,
    statements: Vec<Range<usize>>,
    /// How many of them are completed.
    done: usize,
}

/// Where it stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StopPosition<'a> {
    /// At this byte of the user's text.
    At(usize),
    /// Before all of that, in a statement of ours.
    Before,
    /// Behind all of that, in this statement of ours.
    Behind(&'a str),
    /// That can't be known.
    Unknown,
}

impl<'a> From<&'a Script> for SentText<'a> {
    fn from(script: &'a Script) -> SentText<'a> {
        let Script { sql, own, inserted, done, .. } = script;
        let (own, inserted, statements) = (own.clone(), inserted.clone(), statement_ranges(sql));
        SentText { sql, own, inserted, statements, done: done.load(Ordering::Relaxed) }
    }
}

impl<'a> SentText<'a> {
    /// A text of the user, and nothing else.
    #[cfg(feature = "facts")]
    pub(crate) fn whole(sql: &'a str, done: usize) -> SentText<'a> {
        SentText { sql, own: 0..sql.len(), inserted: 0..0, statements: statement_ranges(sql), done }
    }

    /// The same once the server has come further.
    pub(crate) fn reached(&mut self, script: &Script) -> &SentText<'a> {
        self.done = script.done.load(Ordering::Relaxed);
        self
    }

    pub(crate) fn stop(&self, db: &DbError) -> StopPosition<'a> {
        let statement = self.statements.get(self.done).cloned();
        let said = match db.position() {
            Some(ErrorPosition::Original(position)) => self.position(*position as usize, statement.as_ref()),
            Some(ErrorPosition::Internal { position, query }) => {
                self.internal(query, *position as usize, statement.as_ref(), db)
            }
            None => self.character(db),
        };
        if let Some(offset) = said.and_then(|offset| self.in_own(offset)) {
            return StopPosition::At(offset);
        }
        let Some(statement) = statement else { return StopPosition::Unknown };
        match self.in_own(self.line(&statement, db).unwrap_or(statement.start)) {
            Some(offset) => StopPosition::At(offset),
            None if statement.end <= self.own.start => StopPosition::Before,
            None if statement.start >= self.own.end => {
                StopPosition::Behind(self.sql.get(statement).unwrap_or_default())
            }
            None => StopPosition::Unknown,
        }
    }

    /// The byte of the own text that is at one of all.
    fn in_own(&self, offset: usize) -> Option<usize> {
        let offset = match offset {
            _ if !self.own.contains(&offset) => return None,
            offset if offset >= self.inserted.end => offset - self.inserted.len(),
            offset => offset.min(self.inserted.start.max(self.own.start)),
        };
        Some(offset - self.own.start)
    }

    /// A position counts the characters of all that was sent, or its bytes if the database has no encoding.
    fn position(&self, position: usize, statement: Option<&Range<usize>>) -> Option<usize> {
        let offset = position.checked_sub(1)?;
        let character = self.sql.char_indices().nth(offset).map(|(byte, _)| byte);
        let byte = self.sql.is_char_boundary(offset).then_some(offset);
        let within = |found: &usize| statement.is_some_and(|statement| statement.contains(found));
        // Before the first statement, all of them are read.
        match self.done {
            0 => character,
            _ => [character, byte].into_iter().flatten().find(within).or(character),
        }
    }

    /// A part of a statement that a function was given to run, or the body of a function that is made here.
    fn internal(
        &self,
        query: &str,
        position: usize,
        statement: Option<&Range<usize>>,
        db: &DbError,
    ) -> Option<usize> {
        let (offset, _) = query.char_indices().nth(position.checked_sub(1)?)?;
        let find = |range: Range<usize>| Some(range.start + self.sql.get(range)?.find(query)?);
        let from_line = statement.and_then(|statement| find(self.line(statement, db)?..statement.end));
        let found = from_line.or_else(|| find(statement?.clone())).or_else(|| find(self.own.clone()))?;
        Some(found + offset)
    }

    /// The line of a DO statement that failed, by its own count.
    fn line(&self, statement: &Range<usize>, db: &DbError) -> Option<usize> {
        let line = block_line(db.where_()?)?;
        Some(statement.start + line_of_body(self.sql.get(statement.clone())?, line)?)
    }

    /// A character that the database's encoding does not have; the server names only its bytes.
    fn character(&self, db: &DbError) -> Option<usize> {
        if self.done > 0 || *db.code() != SqlState::UNTRANSLATABLE_CHARACTER {
            return None;
        }
        let words = db.message().split(|sign: char| !sign.is_ascii_alphanumeric());
        let bytes = words.filter_map(|word| u8::from_str_radix(word.strip_prefix("0x")?, 16).ok());
        let character = String::from_utf8(bytes.collect()).ok().filter(|text| !text.is_empty())?;
        Some(self.own.start + self.sql.get(self.own.clone())?.find(&character)?)
    }
}

/// The line that the context gives for the block that a DO runs, in the server's language: the outermost of them.
fn block_line(context: &str) -> Option<usize> {
    let mut lines = context.lines().filter_map(|line| line.split_once("inline_code_block"));
    let (_, rest) = lines.next_back()?;
    let digits = rest.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    digits.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}

/// Whether a statement of ours has checked the deferred constraints.
pub(crate) fn is_end(statement: &str) -> bool {
    statement.starts_with("SET CONSTRAINTS") || statement.starts_with("COMMIT")
}
