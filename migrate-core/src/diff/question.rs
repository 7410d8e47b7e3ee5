use crate::error::Error;

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
pub(crate) enum Interruption {
    Ask(Question),
    Fail(Box<Error>),
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Interruption {
        Interruption::Fail(Box::new(error))
    }
}
