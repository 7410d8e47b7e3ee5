use super::Planner;
use super::edit::qualified;
use super::planner::FIRST;
use crate::catalog::Oid;
use crate::{Error, ErrorKind};

/// What a planner must know before it can go on: about the database with all changes made that were planned so far.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Question {
    /// Nothing but that the changes planned so far be made.
    Made,
    /// The first value of the first row of this query, as text.
    Value(String),
    /// The same, once nobody else can write to this table any more, and of all rows, whatever row security lets this
    /// role see.
    Locked {
        /// The table, as SQL names it.
        table: String,
        /// The query.
        query: String,
    },
    /// How the server prints a definition: run the statements, take the value of the query, roll all of it back.
    Printed {
        /// The statements; they write, so that a standby can't answer.
        setup: Vec<String>,
        /// The query.
        query: String,
    },
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The value; NULL and no row are `None`.
    Value(Option<String>),
    /// The server refused a statement, for this reason.
    Refused(String),
    /// It can't be found out here: the server is read-only.
    Unknown,
}

/// Why a fact is not done yet.
#[derive(Debug)]
pub(crate) enum Stop {
    Ask(Question),
    Fail(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Fail(Box::new(error))
    }
}

impl Planner {
    /// Answers a question of the fact that is being applied; apply it again then.
    pub fn answer(&mut self, question: Question, answer: Answer) {
        if matches!(question, Question::Value(_)) {
            // The next fact may ask the same.
            self.answer_next(question.clone(), answer.clone());
        }
        self.answers.insert(question, answer);
    }

    /// Answers a question that [`Planner::look_ahead`] found. A refusal says nothing yet.
    pub fn answer_next(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.ahead.insert(question, answer);
        }
    }

    /// Answers a question ahead of the fact that will ask it. A refusal says nothing yet: what a fact needs may be made
    /// by one before it.
    pub fn answer_ahead(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.foreseen.insert(question, answer);
        }
    }

    /// The answer to a question, which stops the fact where there is none yet.
    pub(super) fn ask(&self, question: Question) -> Result<&Answer, Stop> {
        let known =
            [&self.answers, &self.ahead, &self.foreseen].into_iter().find_map(|all| all.get(&question));
        known.ok_or(Stop::Ask(question))
    }

    /// A number that a query gives; one that the server refuses fails the fact.
    ///
    /// Numbers are asked for what a change would lose: verifying makes none.
    pub(super) fn number(&self, sql: String) -> Result<u64, Stop> {
        self.counted(Question::Value(sql))
    }

    fn counted(&self, question: Question) -> Result<u64, Stop> {
        if self.is_verifying() {
            return Ok(0);
        }
        match self.ask(question)? {
            Answer::Value(Some(number)) => Ok(number.parse().unwrap_or(u64::MAX)),
            Answer::Value(None) | Answer::Unknown => Ok(0),
            Answer::Refused(reason) => Err(self.problem(ErrorKind::Sql, reason.clone()).into()),
        }
    }

    /// How many rows of a table a change would lose: once nobody can write to it any more, and of all rows, whatever
    /// row security lets this role see.
    pub(super) fn locked_number(&self, oid: Oid, counted: &str, condition: &str) -> Result<u64, Stop> {
        // What this deployment made, nobody else can see.
        if oid >= FIRST {
            return Ok(0);
        }
        let table = qualified(&self.at(oid)?.name);
        let query = format!("SELECT pg_catalog.count({counted})::pg_catalog.text FROM {table}{condition}");
        self.counted(Question::Locked { table, query })
    }
}
