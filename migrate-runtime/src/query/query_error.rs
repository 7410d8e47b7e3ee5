use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// Why a question of ours has no answer.
pub(crate) enum QueryError {
    /// The server said no, or the connection broke.
    Refused(Error),
    /// Nothing came for so long.
    Late(Duration),
    /// For so long the server has waited for a synchronous standby to take a commit.
    Unconfirmed(Duration),
}

impl From<Error> for QueryError {
    fn from(error: Error) -> QueryError {
        QueryError::Refused(error)
    }
}

impl QueryError {
    /// The server's code, if it said no.
    pub(crate) fn code(&self) -> Option<&SqlState> {
        match self {
            QueryError::Refused(error) => error.code(),
            QueryError::Late(_) | QueryError::Unconfirmed(_) => None,
        }
    }

    /// Whether no answer came.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, QueryError::Late(_) | QueryError::Unconfirmed(_))
    }

    /// What the server said, if it said no.
    pub(crate) fn as_db_error(&self) -> Option<&DbError> {
        match self {
            QueryError::Refused(error) => error.as_db_error(),
            QueryError::Late(_) | QueryError::Unconfirmed(_) => None,
        }
    }
}
