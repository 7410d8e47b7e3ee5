/// What sort of problem an [`Error`] is, for a program that wants to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A file or directory can't be read or written.
    File,
    /// A URL, a `key=value` string or an environment variable can't be understood.
    Settings,
    /// No connection to the server: it is down, or has no room for us.
    Connect,
    /// The server does not let us in: a wrong password, or none; no such role; a rule of `pg_hba.conf`.
    Login,
    /// A file in a bundle's directory has a name that no form accepts, or a database or user one that PostgreSQL
    /// can't keep.
    Name,
    /// Two files claim one version.
    Duplicate,
    /// A version is not the successor of the one before it.
    Gap,
    /// A patch's tokens differ from those that were locked or applied.
    Edited,
    /// A patch is not in the lock file, or only as a draft.
    Unlocked,
    /// The lock file or `bundle.yaml` can't be understood.
    Format,
    /// A directive is unknown, malformed or missing.
    Directive,
    /// SQL that does not parse, or text that is not SQL.
    Syntax,
    /// A statement that may not stand in a patch of its kind.
    Statement,
    /// A statement that keeps others from their work, and that no directive allows.
    Hazard,
    /// A patch that was applied is missing from the binary.
    Missing,
    /// A patch comes after one of a higher version was applied.
    Late,
    /// A patch was started and has no end.
    Interrupted,
    /// A bundle has two names; or the database has its patches under another name, or in another history.
    Identity,
    /// The history's tables say different things: somebody changed one by hand.
    Record,
    /// A bundle that this one requires is missing, or they require each other.
    Requires,
    /// The database is newer than this binary can work with.
    TooNew,
    /// The binary's bundle differs from its directory.
    Stale,
    /// The migration lock, or a lock that a patch needs, was not to be had in time.
    Locked,
    /// The server is a standby and patches are pending.
    Standby,
    /// Somebody asked the run to stop.
    Stopped,
    /// The database is not what the binary expects, and nothing was to be changed.
    Pending,
    /// The role lacks a right.
    Permission,
    /// What was asked for can't be done in this place, or by this version.
    Unsupported,
    /// Facts do not hold, or the database is not what the last run left.
    Drift,
    /// The server refused a statement.
    Sql,
    /// PostgreSQL's programs are not installed.
    NotInstalled,
    /// A node of a replicated set is down or behind, or is not what it should be.
    Node,
    /// A server process of ours did not start, or stopped.
    Instance,
    /// There is a database, user, instance or backup of that name already, or a port is in use.
    Exists,
    /// There is no database, user, instance or backup of that name.
    NotFound,
    /// A value out of the range that it may have, such as a volume's size.
    Value,
    /// What was asked for has to wait: a backup is taken, or another process is at work.
    Busy,
    /// There is not room enough.
    Full,
    /// A backup, a dump or a restore failed.
    Backup,
    /// Somebody is connected to the database, or the user owns something.
    InUse,
}
