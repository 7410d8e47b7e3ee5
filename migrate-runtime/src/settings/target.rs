use std::str::FromStr;

use tokio_postgres::Client;
use tokio_postgres::config::TargetSessionAttrs;

/// Which server of a list will do: libpq's `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Target {
    /// Whichever lets us in.
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// What a server said of itself when it let us in; it says nothing of either before PostgreSQL 14.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    /// Whether a transaction can't write unless it asks to.
    pub(crate) read_only: bool,
    pub(crate) standby: bool,
}

impl State {
    /// Asks for it.
    pub(crate) async fn ask(client: &Client) -> Result<State, tokio_postgres::Error> {
        const ASK: &str =
            "SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery()";
        let messages = client.simple_query(ASK).await?;
        let row = crate::history::read::rows(&messages).next();
        let is = |column, text| row.and_then(|row| row.get(column)) == Some(text);
        Ok(State { read_only: is(0, "on"), standby: is(1, "t") })
    }
}

impl Target {
    pub(crate) const ALL: [Target; 6] = [
        Target::Any,
        Target::ReadWrite,
        Target::ReadOnly,
        Target::Primary,
        Target::Standby,
        Target::PreferStandby,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Target::Any => "any",
            Target::ReadWrite => "read-write",
            Target::ReadOnly => "read-only",
            Target::Primary => "primary",
            Target::Standby => "standby",
            Target::PreferStandby => "prefer-standby",
        }
    }

    /// What to look for, and what in all servers once more where none is it.
    pub(crate) fn rounds(self) -> impl Iterator<Item = Target> {
        let (first, second) = match self {
            Target::PreferStandby => (Target::Standby, Some(Target::Any)),
            target => (target, None),
        };
        [first].into_iter().chain(second)
    }

    /// Why a server is not it, in libpq's words.
    pub(crate) fn refuses(self, state: State) -> Option<&'static str> {
        let read_only = state.read_only || state.standby;
        match self {
            Target::Any | Target::PreferStandby => None,
            Target::ReadWrite => read_only.then_some("session is read-only"),
            Target::ReadOnly => (!read_only).then_some("session is not read-only"),
            Target::Primary => state.standby.then_some("server is in hot standby mode"),
            Target::Standby => (!state.standby).then_some("server is not in hot standby mode"),
        }
    }
}

impl FromStr for Target {
    type Err = ();

    fn from_str(word: &str) -> Result<Target, ()> {
        Target::ALL.into_iter().find(|target| target.as_str() == word).ok_or(())
    }
}

impl From<TargetSessionAttrs> for Target {
    fn from(theirs: TargetSessionAttrs) -> Target {
        match theirs {
            TargetSessionAttrs::ReadWrite => Target::ReadWrite,
            TargetSessionAttrs::ReadOnly => Target::ReadOnly,
            _ => Target::Any,
        }
    }
}
