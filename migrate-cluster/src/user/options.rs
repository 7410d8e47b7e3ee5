use std::fmt;

use crate::pg_hba::host::Host;

/// What a new user is to be and may do.
///
/// ```
/// use migrate_cluster::UserOptions;
///
/// let options = UserOptions::new().password("top secret").database("demo").host("10.0.0.0/8".parse()?);
/// assert!(!format!("{options:?}").contains("top secret"));
/// # Ok::<(), migrate_cluster::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct UserOptions {
    pub(super) password: Option<String>,
    pub(super) databases: Vec<String>,
    pub(super) hosts: Vec<Host>,
    pub(super) superuser: bool,
}

impl UserOptions {
    /// No password, no superuser, and to connect from wherever the server's `pg_hba.conf` says.
    pub fn new() -> UserOptions {
        UserOptions::default()
    }

    /// The password; without one nobody can log in where the server asks for it.
    pub fn password(mut self, password: impl Into<String>) -> UserOptions {
        self.password = Some(password.into());
        self
    }

    /// A database that the user is granted access to, see [`User::grant`](crate::User::grant); once for each.
    pub fn database(mut self, name: impl Into<String>) -> UserOptions {
        self.databases.push(name.into());
        self
    }

    /// A host that the user may connect from, see [`User::set_hosts`](crate::User::set_hosts); once for each.
    pub fn host(mut self, host: Host) -> UserOptions {
        self.hosts.push(host);
        self
    }

    /// Lets the user do everything.
    pub fn superuser(mut self) -> UserOptions {
        self.superuser = true;
        self
    }
}

impl fmt::Debug for UserOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserOptions")
            .field("password", &self.password.as_ref().map(|_| format_args!("…")))
            .field("databases", &self.databases)
            .field("hosts", &self.hosts)
            .field("superuser", &self.superuser)
            .finish()
    }
}
