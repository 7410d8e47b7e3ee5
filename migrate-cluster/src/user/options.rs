use std::fmt;

use crate::pg_hba::host::Host;

/// The options of a new user.
///
/// ```
/// use embed_migrate_cluster::UserOptions;
///
/// let options = UserOptions::new().password("top secret").database("demo").host("10.0.0.0/8".parse()?);
/// assert!(!format!("{options:?}").contains("top secret"));
/// # Ok::<(), embed_migrate_cluster::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct UserOptions {
    pub(super) password: Option<String>,
    pub(super) databases: Vec<String>,
    pub(super) hosts: Vec<Host>,
    pub(super) superuser: bool,
}

impl UserOptions {
    /// No password, no superuser, and no own hosts: the other lines of `pg_hba.conf` decide.
    pub fn new() -> UserOptions {
        UserOptions::default()
    }

    /// Sets the password. Without one, the user can't log in if the server asks for it.
    pub fn password(mut self, password: impl Into<String>) -> UserOptions {
        self.password = Some(password.into());
        self
    }

    /// Grants access to a database, see [`User::grant`](crate::User::grant). May be called for several databases.
    pub fn database(mut self, name: impl Into<String>) -> UserOptions {
        self.databases.push(name.into());
        self
    }

    /// Adds a host that the user may connect from, see [`User::set_hosts`](crate::User::set_hosts). May be called for
    /// several hosts.
    pub fn host(mut self, host: Host) -> UserOptions {
        self.hosts.push(host);
        self
    }

    /// Makes the user a superuser.
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
