use std::str::FromStr;

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
