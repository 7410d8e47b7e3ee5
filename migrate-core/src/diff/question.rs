use crate::error::Error;

/// What a planner must know before it can continue, about the database after all changes planned so far.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Question {
    /// Nothing to answer: the changes planned so far must be made first.
    MakeFirst,
    /// The first value of the first row of this query, as text.
    Value(String),
    /// The same, after the table is locked against writers, and for all rows, even those that row security hides from
    /// this role.
    Locked {
        /// The table, as SQL names it.
        table: String,
        /// The query.
        query: String,
    },
    /// How the server prints a definition: run the statements, take the value of the query, and roll everything back.
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
    /// The server refused a statement, with this reason.
    Refused(String),
    /// There is no answer, because the server is read-only.
    Unknown,
}

/// Why applying a fact was interrupted: by a question, or by an error.
#[derive(Debug)]
pub(crate) enum Interruption {
    Ask(Question),
    Fail(Box<Error>),
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Interruption {
        Interruption::Fail(Box::new(error))
    }
}
