use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deadpool_postgres::PoolError;
use embed_migrate::pool_error;
use serde_json::json;
use tokio_postgres::error::{DbError, SqlState};

/// Why a request was not answered as it was meant.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(crate) fn missing(what: impl std::fmt::Display) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, message: format!("there is no {what}") }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "problem": self.message }))).into_response()
    }
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Problem {
        let message = pool_error(error).message().to_owned();
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, message }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Problem {
        Problem { status: rejection.status(), message: rejection.body_text() }
    }
}

impl From<tokio_postgres::Error> for Problem {
    fn from(error: tokio_postgres::Error) -> Problem {
        match error.as_db_error() {
            Some(db) => refused(db),
            None => Problem { status: StatusCode::SERVICE_UNAVAILABLE, message: error.to_string() },
        }
    }
}

/// The constraints of the schema decide what is bad input; here it only gets its status.
fn refused(db: &DbError) -> Problem {
    let code = db.code();
    let status =
        if *code == SqlState::UNIQUE_VIOLATION || db.constraint() == Some("participant_needs_open_study") {
            StatusCode::CONFLICT
        } else if code.code().starts_with("22") || code.code().starts_with("23") {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
    Problem { status, message: db.message().to_owned() }
}
