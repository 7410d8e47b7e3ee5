use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use embed_migrate_core::quote::LONGEST;
use embed_migrate_core::{Error, ErrorKind, Limit, Result, Targets, Timeout, escape_controls};
use futures_util::future::BoxFuture;
use tokio_postgres::Client;

use super::node::Node;
use super::topology::Topology;
use crate::report::event::Event;
use crate::report::pending_patch::PendingPatch;

/// What to call while a run goes on.
pub(crate) type Progress = Arc<dyn Fn(&Event) + Send + Sync>;

/// What takes a backup before a run, and gives its name.
pub(crate) type Backup = Arc<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>;

/// What looks at the patches that a run is about to apply.
pub(crate) type Before =
    Arc<dyn for<'c> Fn(&'c Client, Vec<PendingPatch>) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// What looks at the tables that facts are about to store anew.
pub(crate) type Rewriting =
    Arc<dyn for<'c> Fn(&'c Client, String) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// The options of a run; the defaults are meant for a service's boot.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) targets: Targets,
    pub(crate) limit: Limit,
    pub(crate) nodes: Vec<Node>,
    /// As it is found, unless somebody knows better.
    pub(crate) topology: Option<Topology>,
    /// Replication slots whose readers follow the schema by themselves.
    pub(crate) ignored_slots: Vec<String>,
    /// Whether tables that patches made are added to the replicated set.
    pub(crate) add_to_set: bool,
    /// How long to wait for what nodes have to confirm.
    pub(crate) node_wait: Duration,
    /// How long to wait for physical standbys, if at all.
    pub(crate) standby_wait: Option<Duration>,
    pub(crate) schema: String,
    /// Whether a bundle may be in the database already, under another name or in another history.
    pub(crate) new_history: bool,
    pub(crate) role: Option<String>,
    /// Roles whose objects are trusted, beside those that always are.
    pub(crate) trusted: Vec<String>,
    pub(crate) lock_wait: Duration,
    /// How long to wait for a server that is not there yet.
    pub(crate) connect_wait: Option<Duration>,
    /// How long the server lets a session of ours be idle; zero means without end.
    pub(crate) idle_limit: Duration,
    /// For each question of our own; zero means without end.
    pub(crate) answer_timeout: Duration,
    pub(crate) lock_timeout: Option<Timeout>,
    pub(crate) lock_retries: u32,
    pub(crate) application: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) progress: Option<Progress>,
    /// Deploys facts though the record says that they were.
    pub(crate) facts_again: bool,
    pub(crate) backup: Option<Backup>,
    /// Looks at what a run is about to apply.
    pub(crate) before: Option<Before>,
    /// Looks at tables that facts are about to store anew.
    pub(crate) rewriting: Option<Rewriting>,
    /// Makes fresh databases by create trees.
    pub(crate) create: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            targets: Targets::new(),
            limit: Limit::default(),
            nodes: Vec::new(),
            topology: None,
            ignored_slots: Vec::new(),
            add_to_set: false,
            node_wait: Duration::from_secs(300),
            standby_wait: None,
            schema: "migrate".to_owned(),
            new_history: false,
            role: None,
            trusted: Vec::new(),
            lock_wait: Duration::from_secs(300),
            connect_wait: None,
            idle_limit: Duration::from_secs(600),
            answer_timeout: Duration::from_secs(30),
            lock_timeout: None,
            lock_retries: 10,
            application: None,
            revision: None,
            progress: None,
            facts_again: false,
            backup: None,
            before: None,
            rewriting: None,
            create: false,
        }
    }
}

impl Options {
    /// What is wrong with the names that were given: PostgreSQL cuts long ones off, so that two schemas would be one.
    pub(crate) fn problems(&self) -> Vec<Error> {
        let roles = self.trusted.iter().map(|name| ("trusted role", name));
        let names = [("history schema", &self.schema)].into_iter();
        let names = names.chain(self.role.as_ref().map(|name| ("role", name))).chain(roles);
        let unfit = |name: &str| name.is_empty() || name.len() > LONGEST || name.contains('\0');
        let named = names.filter(|(_, name)| unfit(name)).map(|(what, name)| {
            let message = format!("`{}` can't be the name of the {what}", escape_controls(name));
            Error::new(ErrorKind::Name, message).help(format!("a name has 1 to {LONGEST} bytes, and no NUL"))
        });
        let texts = [("application", &self.application), ("revision", &self.revision)];
        let recorded = texts.into_iter().filter_map(|(what, text)| {
            let text = text.as_ref().filter(|text| text.contains('\0'))?;
            let message = format!("the {what} `{}` contains a NUL character", escape_controls(text));
            Some(Error::new(ErrorKind::Name, message).help("PostgreSQL can't keep it: leave it out"))
        });
        named.chain(recorded).collect()
    }

    pub(crate) fn tell(&self, event: &Event) {
        if let Some(progress) = &self.progress {
            progress(event);
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { targets, schema, role, lock_wait, answer_timeout, lock_timeout, lock_retries, .. } =
            self;
        f.debug_struct("Options")
            .field("targets", targets)
            .field("schema", schema)
            .field("role", role)
            .field("lock_wait", lock_wait)
            .field("answer_timeout", answer_timeout)
            .field("lock_timeout", lock_timeout)
            .field("lock_retries", lock_retries)
            .finish_non_exhaustive()
    }
}

/// Refuses trees where several servers go forward together.
pub(crate) fn refuse_several(options: &Options) -> Result<()> {
    match options.create {
        true => Err(Error::new(
            ErrorKind::Unsupported,
            "a create tree makes the database of one server, and there are several",
        )
        .help("let the patches make it")),
        false => Ok(()),
    }
}
