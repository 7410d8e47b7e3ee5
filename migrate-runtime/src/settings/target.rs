use std::str::FromStr;

use tokio_postgres::config::TargetSessionAttrs;

/// Which server of a list will do: libpq's `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TargetSession {
    /// Whichever lets us in.
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl TargetSession {
    pub(crate) const ALL: [TargetSession; 6] = [
        TargetSession::Any,
        TargetSession::ReadWrite,
        TargetSession::ReadOnly,
        TargetSession::Primary,
        TargetSession::Standby,
        TargetSession::PreferStandby,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            TargetSession::Any => "any",
            TargetSession::ReadWrite => "read-write",
            TargetSession::ReadOnly => "read-only",
            TargetSession::Primary => "primary",
            TargetSession::Standby => "standby",
            TargetSession::PreferStandby => "prefer-standby",
        }
    }

    /// What to look for, and what in all servers once more if none is it.
    pub(crate) fn rounds(self) -> impl Iterator<Item = TargetSession> {
        let (first, second) = match self {
            TargetSession::PreferStandby => (TargetSession::Standby, Some(TargetSession::Any)),
            target => (target, None),
        };
        [first].into_iter().chain(second)
    }
}

impl FromStr for TargetSession {
    type Err = ();

    fn from_str(word: &str) -> Result<TargetSession, ()> {
        TargetSession::ALL.into_iter().find(|target| target.as_str() == word).ok_or(())
    }
}

impl From<TargetSessionAttrs> for TargetSession {
    fn from(theirs: TargetSessionAttrs) -> TargetSession {
        match theirs {
            TargetSessionAttrs::ReadWrite => TargetSession::ReadWrite,
            TargetSessionAttrs::ReadOnly => TargetSession::ReadOnly,
            _ => TargetSession::Any,
        }
    }
}
