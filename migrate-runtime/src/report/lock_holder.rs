use std::fmt;

use embed_migrate_core::escape_controls;

/// A server process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// Its process id.
    pub pid: i32,
    /// Its `application_name`.
    pub application: String,
    /// Its role's name.
    pub user: String,
    /// Since when it is in its transaction, or else connected, as the server writes times.
    pub since: String,
    /// `active`, `idle`, `idle in transaction` and so on.
    pub state: String,
    /// What it does or did last, without passwords; the first 200 characters.
    pub query: String,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockHolder { pid, application, user, since, state, query } = self;
        let (application, user) = (escape_controls(application), escape_controls(user));
        write!(f, "process {pid} (`{application}`, role `{user}`), ")?;
        // The server shows others' doings to few.
        if state.is_empty() && since.is_empty() {
            return f.write_str("only a member of `pg_read_all_stats` can see since when");
        }
        write!(f, "{state} since {since}")?;
        let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
        if query.is_empty() { Ok(()) } else { write!(f, ": {}", escape_controls(&query)) }
    }
}
