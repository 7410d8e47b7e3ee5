use std::fmt;

/// The kinds, each with its word.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What sort of problem an [`Error`](super::Error) is, for a program that wants to distinguish them.
        ///
        /// ```
        /// use embed_migrate_core::ErrorKind;
        ///
        /// assert_eq!(ErrorKind::TooNew.as_str(), "too-new");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl ErrorKind {
            /// The kind's word in `--format json`. The word stays the same in later releases.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A file or directory can't be read or written.
    File = "file",
    /// A URL, a `key=value` string or an environment variable can't be understood.
    Settings = "settings",
    /// No connection to the server: it is down, or has no free connection.
    Connect = "connect",
    /// The server rejects the login: a wrong password, or none; no such role; a rule of `pg_hba.conf`.
    Login = "login",
    /// A file in a bundle's directory has a name that no form accepts, or a database or user one that PostgreSQL
    /// can't keep.
    Name = "name",
    /// Two files claim one version.
    Duplicate = "duplicate",
    /// A version is not the successor of the one before it.
    Gap = "gap",
    /// A patch's tokens differ from those that were locked or applied.
    Edited = "edited",
    /// A patch is not in the lock file, or only as a draft.
    Unlocked = "unlocked",
    /// The lock file or `bundle.yaml` can't be understood.
    Format = "format",
    /// A directive is unknown, malformed or missing.
    Directive = "directive",
    /// SQL that does not parse, or text that is not SQL.
    Syntax = "syntax",
    /// A statement that a patch of its kind may not have.
    Statement = "statement",
    /// A statement that blocks others, and that no directive permits.
    Hazard = "hazard",
    /// A patch that was applied is missing from the binary.
    Missing = "missing",
    /// A patch comes after one of a higher version was applied.
    Late = "late",
    /// A patch was started and did not finish.
    Interrupted = "interrupted",
    /// A bundle has two names; or the database has its patches under another name, or in another history.
    Identity = "identity",
    /// The history's tables contradict each other: somebody changed one by hand.
    Record = "record",
    /// A bundle that this one requires is missing, or bundles require each other.
    Requires = "requires",
    /// The database is newer than this binary can work with.
    TooNew = "too-new",
    /// The binary's bundle differs from its directory.
    Stale = "stale",
    /// The migration lock, or a lock that a patch needs, could not be acquired in time.
    Locked = "locked",
    /// The server is a standby and patches are pending.
    Standby = "standby",
    /// Somebody asked the run to stop.
    Stopped = "stopped",
    /// The database is not what the binary expects, and the run was asked to change nothing.
    Pending = "pending",
    /// The role lacks a right.
    Permission = "permission",
    /// The request can't be carried out here, or by this version.
    Unsupported = "unsupported",
    /// Facts are not true, or the database was changed since the last run.
    Drift = "drift",
    /// The server refused a statement.
    Sql = "sql",
    /// PostgreSQL's programs are not installed.
    NotInstalled = "not-installed",
    /// A node of a replicated set is down or behind, or is not what it should be.
    Node = "node",
    /// A server process of ours did not start, or stopped.
    Instance = "instance",
    /// There is a database, user, instance or backup of that name already, or a port is in use.
    Exists = "exists",
    /// There is no database, user, instance or backup of that name.
    NotFound = "not-found",
    /// A value out of the range that it may have, such as a volume's size.
    Value = "value",
    /// The request has to wait: a backup is being taken, or another process is working.
    Busy = "busy",
    /// There is not enough disk space.
    Full = "full",
    /// A backup, a dump or a restore failed.
    Backup = "backup",
    /// Somebody is connected to the database, or the user owns something.
    InUse = "in-use",
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
