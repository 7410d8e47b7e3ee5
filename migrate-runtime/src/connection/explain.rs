use std::io;

use embed_migrate_core::{Error, ErrorKind};
use tokio_postgres::error::{DbError, SqlState};

use super::failure::{ConnectFailure, ConnectFailures, FailureCause, PasswordSource};
use crate::settings::sslmode::SslMode;

/// The error that a person reads: one attempt's in full, the others' as notes.
impl From<ConnectFailures> for Error {
    fn from(failures: ConnectFailures) -> Error {
        let Some((failure, others)) = failures.split() else {
            return Error::new(ErrorKind::Connect, "there is no address to connect to");
        };
        let mut error = failure.into_error();
        let mut said = vec![error.message().to_owned()];
        for other in others {
            let clause = other.into_error().message().to_owned();
            if !said.contains(&clause) {
                error = error.note(format!("also, {clause}"));
                said.push(clause);
            }
        }
        error
    }
}

/// The error that a person reads of one attempt.
impl From<ConnectFailure> for Error {
    fn from(failure: ConnectFailure) -> Error {
        failure.into_error()
    }
}

impl ConnectFailure {
    fn into_error(self) -> Error {
        let error = match self.cause.db() {
            Some(db) => refused(db, &self.user, &self.database, &self.endpoint.to_string()),
            None if self.needs_password() => self.no_password(),
            None => self.unreachable(),
        };
        let mut error = self.annotate(error);
        if let FailureCause::Second(_, first) = &self.cause {
            error = error.note(first);
        }
        match self.cause.into_source() {
            Some(source) => error.caused_by(source),
            None => error,
        }
    }

    fn annotate(&self, error: Error) -> Error {
        let error = error
            .note(format!("server `{}`, database `{}`, user `{}`", self.endpoint, self.database, self.user));
        let error = self.note.iter().fold(error, Error::note);
        match self.secret_note() {
            Some(note) if self.is_about_password() => error.note(note),
            _ => error,
        }
    }

    fn is_about_password(&self) -> bool {
        self.needs_password()
            || self.cause.db().is_some_and(|db| {
                [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION]
                    .contains(db.code())
            })
    }

    /// The client's own complaint: the server wanted a password, and there is none.
    fn needs_password(&self) -> bool {
        matches!(self.secret, PasswordSource::None(_)) && self.cause.to_string() == "password missing"
    }

    fn secret_note(&self) -> Option<String> {
        match &self.secret {
            PasswordSource::Given(origin) => Some(format!("the password is from {origin}")),
            PasswordSource::File(path, line) => {
                Some(format!("the password is from line {line} of `{}`", path.display()))
            }
            PasswordSource::None(Some(note)) => Some(note.clone()),
            PasswordSource::None(None) => None,
        }
    }

    fn no_password(&self) -> Error {
        let ConnectFailure { user, endpoint, .. } = self;
        let message = format!("user `{user}` needs a password at `{endpoint}`, and none was given");
        Error::new(ErrorKind::Login, message)
            .help("set `PGPASSWORD`, or put a line `host:port:database:user:password` into `~/.pgpass`")
    }

    fn unreachable(&self) -> Error {
        let message = format!("cannot connect to `{}`: {}", self.endpoint, self.cause);
        let error = Error::new(ErrorKind::Connect, message);
        let error = self.cause.fault().into_iter().fold(error, Error::note);
        match self.advice() {
            Some(advice) => error.help(advice),
            None => error,
        }
    }

    fn advice(&self) -> Option<String> {
        if self.cause.is_handshake() {
            return Some(self.tls_advice().to_owned());
        }
        if self.cause.is_unfit() {
            return Some(format!(
                "`target_session_attrs={}` asks for another server: name that one too, or wait until it is there",
                self.target.as_str()
            ));
        }
        let advice = match (&self.cause, self.cause.io()?) {
            (FailureCause::Lookup(_), _) => "check the host's name in the URL or in `PGHOST`",
            (_, io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
                "is the server running, and does it listen there?"
            }
            (_, io::ErrorKind::TimedOut) => {
                "is the host up, and does a firewall allow the connection? `connect_timeout` sets the seconds to wait"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }

    fn tls_advice(&self) -> &'static str {
        match self.mode {
            SslMode::VerifyFull => {
                "`sslmode=verify-full` needs a certificate for this host from an authority in `sslrootcert` \
                 (default `~/.postgresql/root.crt`; `system` for the operating system's)"
            }
            SslMode::VerifyCa => {
                "`sslmode=verify-ca` needs a certificate from an authority in `sslrootcert` (default \
                 `~/.postgresql/root.crt`)"
            }
            SslMode::Require => {
                "`sslmode=require` needs a server with `ssl = on`, and, if the file `sslrootcert` (default \
                 `~/.postgresql/root.crt`) exists, a certificate from an authority in it"
            }
            SslMode::Allow | SslMode::Prefer | SslMode::Disable => "`sslmode=disable` uses no TLS",
        }
    }
}

/// How to get a database that is not there: at the same server, which is the one that the same URL leads to.
const CREATE: &str =
    "create it: `cargo migrate database create`, with the same URL (`DATABASE_URL`, or `--database-url`)";

/// What the server's refusal of a connection means, and what to do.
pub(super) fn refused(db: &DbError, user: &str, database: &str, server: &str) -> Error {
    let connect = |message: String| Error::new(ErrorKind::Connect, message);
    let detail =
        |error: Error| db.hint().or(db.detail()).into_iter().fold(error, |error, text| error.note(text));
    let code = db.code();
    detail(if *code == SqlState::INVALID_PASSWORD {
        let message = format!("password authentication failed for user `{user}` at `{server}`");
        Error::new(ErrorKind::Login, message).help(
            "correct it; within a URL, write `%40` for `@`, `%3A` for `:`, `%2F` for `/` and `%25` for `%`",
        )
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        let message = format!("database `{database}` does not exist at `{server}`");
        Error::new(ErrorKind::NotFound, message).help(CREATE)
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        connect(format!("cannot connect to `{server}`: {}", db.message()))
            .help("close connections (`pg_stat_activity` lists them), make pools smaller or raise `max_connections`")
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        connect(format!("cannot connect to `{server}`: {}", db.message())).help("try again in a moment")
    } else {
        let message = format!("`{server}` refused the connection: {}", db.message());
        let error = Error::new(refusal(code), message);
        match db.routine() {
            Some("InitializeSessionUserId") => error.help(format!(
                "name another user in the URL or in `PGUSER`, or create this one: `cargo migrate user create {}`",
                shell(user)
            )),
            Some("ClientAuthentication") => {
                error.help("a line for this user, database and host is wanted in the server's `pg_hba.conf`")
            }
            _ => error,
        }
    })
}

/// The kind of a refusal that is no more than what the server says.
fn refusal(code: &SqlState) -> ErrorKind {
    if code.code().starts_with("28") {
        ErrorKind::Login
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        ErrorKind::Permission
    } else {
        ErrorKind::Connect
    }
}

/// The name as a shell takes it.
fn shell(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    match name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}
