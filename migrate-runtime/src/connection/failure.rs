use std::error::Error as StdError;
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use tokio_postgres::config::SslMode as ClientSslMode;
use tokio_postgres::error::{DbError, SqlState};

use crate::settings::endpoint::Endpoint;
use crate::settings::origin::ValueOrigin;
use crate::settings::sslmode::SslMode;
use crate::settings::target::TargetSession;

/// An attempt that failed, with all that an error may say about it.
pub(super) struct ConnectFailure {
    pub(super) endpoint: Endpoint,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) mode: SslMode,
    pub(super) target: TargetSession,
    pub(super) secret: PasswordSource,
    pub(super) cause: FailureCause,
    /// What the settings have to say besides.
    pub(super) note: Option<String>,
}

/// Where the password came from.
#[derive(Clone)]
pub(super) enum PasswordSource {
    Given(ValueOrigin),
    /// The password file and its line.
    File(PathBuf, usize),
    /// There is none; with the reason why the password file has none, if there is one.
    None(Option<String>),
}

/// Why an attempt failed.
pub(super) enum FailureCause {
    Lookup(io::Error),
    Timeout(Duration),
    Client(tokio_postgres::Error),
    /// It lets us in, and is not what `target_session_attrs` asks for.
    Unfit(&'static str),
    /// The last of two, and what the first one was.
    Second(Box<FailureCause>, String),
}

impl FailureCause {
    /// Whether the same attempt with or without TLS may fare better.
    pub(super) fn is_about_tls(&self) -> bool {
        match self {
            FailureCause::Client(error) => {
                handshake(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
            }
            FailureCause::Second(cause, _) => cause.is_about_tls(),
            FailureCause::Lookup(_) | FailureCause::Timeout(_) | FailureCause::Unfit(_) => false,
        }
    }

    /// The cause of a second attempt, made in this mode, which remembers the first one's.
    pub(super) fn followed_by(self, second: FailureCause, mode: ClientSslMode) -> FailureCause {
        let first = if mode == ClientSslMode::Disable { "with TLS" } else { "without TLS" };
        // A server that has no TLS gave the same answer to both.
        match self.to_string() == second.to_string() {
            true => second,
            false => FailureCause::Second(Box::new(second), format!("{first}: {self}")),
        }
    }

    pub(super) fn db(&self) -> Option<&DbError> {
        match self {
            FailureCause::Client(error) => error.as_db_error(),
            FailureCause::Second(cause, _) => cause.db(),
            FailureCause::Lookup(_) | FailureCause::Timeout(_) | FailureCause::Unfit(_) => None,
        }
    }

    /// The operating system's kind of error, if it was one.
    pub(super) fn io(&self) -> Option<io::ErrorKind> {
        match self {
            FailureCause::Lookup(error) => Some(error.kind()),
            FailureCause::Timeout(_) => Some(io::ErrorKind::TimedOut),
            FailureCause::Second(cause, _) => cause.io(),
            FailureCause::Client(error) => io_kind(error),
            FailureCause::Unfit(_) => None,
        }
    }

    pub(super) fn is_handshake(&self) -> bool {
        match self {
            FailureCause::Client(error) => handshake(error),
            FailureCause::Second(cause, _) => cause.is_handshake(),
            FailureCause::Lookup(_) | FailureCause::Timeout(_) | FailureCause::Unfit(_) => false,
        }
    }

    /// Whether the server is not what was asked for.
    pub(super) fn is_unfit(&self) -> bool {
        match self {
            FailureCause::Unfit(_) => true,
            FailureCause::Second(cause, _) => cause.is_unfit(),
            FailureCause::Lookup(_) | FailureCause::Timeout(_) | FailureCause::Client(_) => false,
        }
    }

    /// What is wrong with the server's certificate, and what to do about it, if that was the cause.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            FailureCause::Client(error) => chain(error).find_map(crate::connection::tls::tls::fault),
            FailureCause::Second(cause, _) => cause.fault(),
            FailureCause::Lookup(_) | FailureCause::Timeout(_) | FailureCause::Unfit(_) => None,
        }
    }

    pub(super) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        match self {
            FailureCause::Lookup(error) => Some(error.into()),
            FailureCause::Client(error) => Some(error.into()),
            FailureCause::Second(cause, _) => cause.into_source(),
            FailureCause::Timeout(_) | FailureCause::Unfit(_) => Some(Box::new(Transient(self.to_string()))),
        }
    }
}

/// What is no error of the client's, and may be otherwise in a moment.
#[derive(Debug)]
struct Transient(String);

impl fmt::Display for Transient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Transient {}

/// Whether a second connection failed because nothing answers. A server that refuses is there.
pub(crate) fn is_silent(error: &embed_migrate_core::Error) -> bool {
    let said = StdError::source(error).and_then(|source| source.downcast_ref::<tokio_postgres::Error>());
    error.kind() == embed_migrate_core::ErrorKind::Connect && said.is_none_or(|error| error.code().is_none())
}

/// Whether the reason of an error that we made of a connection's failure, or of its loss, is one that passes: there is no
/// server, it starts or stops, it is full, or it is not what was asked for.
pub(crate) fn is_passing(error: &embed_migrate_core::Error) -> bool {
    const CODES: [SqlState; 4] = [
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
    ];
    let Some(source) = StdError::source(error) else { return false };
    match source.downcast_ref::<tokio_postgres::Error>() {
        Some(client) => match client.code() {
            Some(code) => CODES.contains(code),
            None => !handshake(client) && (client.is_closed() || io_kind(client).is_some()),
        },
        None => source.is::<Transient>() || source.is::<io::Error>(),
    }
}

/// The innermost reason: the server's message, or the operating system's.
impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FailureCause::Lookup(_) => f.write_str("the host's name is not known"),
            FailureCause::Timeout(timeout) => write!(f, "no answer in {} s", timeout.as_secs_f32()),
            FailureCause::Unfit(why) => f.write_str(why),
            FailureCause::Second(cause, _) => cause.fmt(f),
            FailureCause::Client(error) => f.write_str(&innermost(error)),
        }
    }
}

/// What the client's error comes down to, in one clause.
pub(super) fn innermost(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return db.message().to_owned();
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        Some(io::ErrorKind::NotFound) => "there is no such socket".to_owned(),
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "the server closed the connection".to_owned()
        }
        _ => chain(error).last().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

fn io_kind(error: &tokio_postgres::Error) -> Option<io::ErrorKind> {
    chain(error).filter_map(|error| error.downcast_ref()).last().map(io::Error::kind)
}

type Wrapped = dyn StdError + 'static;

/// The error and what it wraps, outermost first.
fn chain(error: &Wrapped) -> impl Iterator<Item = &Wrapped> {
    std::iter::successors(Some(error), |error| inner(*error))
}

/// What the error wraps; an `io::Error` hides that from `source`.
fn inner(error: &Wrapped) -> Option<&Wrapped> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &Wrapped),
        None => error.source(),
    }
}

/// Whether TLS failed, also after the handshake: a server refuses a client's certificate only then.
fn handshake(error: &tokio_postgres::Error) -> bool {
    // The kind of a client's error is private; its text, which names it, is all there is.
    error.to_string() == "error performing TLS handshake"
        || chain(error).any(crate::connection::tls::tls::is_cause)
}

impl ConnectFailure {
    /// Whether another host is not to be asked: the server refused us, and is not just starting or stopping.
    pub(super) fn is_final(&self) -> bool {
        self.cause.db().is_some_and(|db| *db.code() != SqlState::CANNOT_CONNECT_NOW)
    }
}

/// All attempts that failed, in their order.
pub(super) struct ConnectFailures(pub(super) Vec<ConnectFailure>);

impl ConnectFailures {
    /// The error to report (the last one if it ended the search, otherwise the first one), and the others.
    pub(super) fn split(mut self) -> Option<(ConnectFailure, Vec<ConnectFailure>)> {
        let ended = self.0.last().is_some_and(ConnectFailure::is_final);
        let first = if ended { self.0.pop() } else { (!self.0.is_empty()).then(|| self.0.remove(0)) };
        first.map(|first| (first, self.0))
    }
}
