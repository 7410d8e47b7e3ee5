use std::time::Duration;

use super::limit::Limit;
use super::resolve::Targets;
use crate::patch::Timeout;

/// The options of a run. The defaults are meant for a service's boot.
///
/// ```
/// use std::time::Duration;
///
/// use embed_migrate_core::RunOptions;
///
/// let mut options = RunOptions::default();
/// options.lock_wait = Duration::from_secs(60);
/// options.role = Some("registry_owner".into());
/// assert_eq!(options.history_schema, "migrate");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunOptions {
    /// Stops each of these bundles at its version. What the database has beyond the version stays: an interrupted concurrent
    /// patch is not continued but noted, and if other patches are pending, the run is refused.
    pub targets: Targets,
    /// Applies only some of the pending patches, such as their first group. The report says what is left. All patches are
    /// applied by default.
    pub limit: Limit,
    /// The role that patches and facts run as, and that owns what they create; by default the role that connects. The role
    /// that connects must be a member of it.
    pub role: Option<String>,
    /// Roles whose objects are trusted, beside the role that connects, [`role`](RunOptions::role), superusers, the database's
    /// owner, and the roles that `trust` in a `bundle.yaml` lists. The run does not switch to these roles, so the role that
    /// connects need not be a member of them. A role that does not exist does no harm.
    ///
    /// Objects of a trusted role's members are trusted as well: a member could have created them as that role. So one group
    /// is enough if the login roles in it change. A role that may only read needs this option for a status if another role
    /// than the database's owner migrates.
    pub trust: Vec<String>,
    /// The schema of the history's tables; `migrate` by default. A driver takes the lock of this history.
    pub history_schema: String,
    /// Applies the patches of a bundle that the history does not know, although the database seems to have them: under
    /// another bundle name, or in the history of another schema. Otherwise such a run is refused, because a renamed bundle
    /// or a forgotten history schema looks the same. `history: separate` in a `bundle.yaml` says it for good.
    pub new_history: bool,
    /// The name that the history and `pg_stat_activity` show; by default the name of the last bundle.
    pub application: Option<String>,
    /// The git revision that the history keeps; by default the one that each bundle was built from.
    pub revision: Option<String>,
    /// Deploys facts even if the record says that they were deployed, so that manual changes are repaired. Facts that are
    /// older than the database's are still left alone.
    pub facts_again: bool,
    /// Creates a bundle by its create tree, in one transaction, if the history has nothing of the bundle. A bundle without
    /// a tree is created by its patches. The history gets the patches' rows either way; later patches and facts follow. A
    /// dry run tries the patches. `prove` shows that both ways end alike.
    pub create_tree: bool,
    /// Replication slots whose readers are no subscribers with tables of their own, such as Debezium. No node needs to be
    /// configured for them, and patches do not wait for them.
    pub ignored_slots: Vec<String>,
    /// Adds tables that patches created to the replicated set, with their sequences, once every node has them. Tables of
    /// earlier patches that are in no set are added too. Otherwise such tables are only reported.
    pub add_to_set: bool,
    /// How long a run waits for a server that is down, is starting, has no connection left, or is a standby although there
    /// is something to write. Each round tries all hosts of a URL. By default a run, a dry run and a repair wait 10 s;
    /// `status`, `verify` and `drift` do not wait, and `up_to_date` never does.
    pub connect_wait: Option<Duration>,
    /// How long a run waits for the migration lock while another process holds it; 5 minutes by default, zero: not at all.
    pub lock_wait: Duration,
    /// How long a statement waits for a table's lock before its patch is tried again; zero: without end. A patch's own
    /// directive comes first, then this option, then `timeouts` of the bundle, or else 2 s. For a driver: without end by
    /// default.
    pub lock_timeout: Option<Timeout>,
    /// How many times a patch that did not get a lock is tried again; 10 by default.
    pub lock_retries: u32,
    /// How long each index that is built after the commit, and each check that is validated there, waits for a lock; by
    /// default [`lock_timeout`](RunOptions::lock_timeout), or 10 minutes if that is not set either. Such an index waits for
    /// all older transactions, and blocks nobody meanwhile.
    pub build_timeout: Option<Timeout>,
    /// How long the server may take to answer a query of our own, such as the database's position; 30 s by default, zero:
    /// without end. Patches and facts may take as long as the server works on them.
    pub answer_timeout: Duration,
    /// After which time without a message the server ends a run's session, and so frees its locks: the process was stopped,
    /// or its host vanished. 10 minutes by default, zero: never. A run sends something in time, also while it awaits a
    /// callback of the application; a callback that blocks its thread for longer needs more.
    pub idle_limit: Duration,
    /// How long a run waits until the nodes of a replicated set have confirmed what was applied; 5 minutes by default.
    pub node_wait: Duration,
    /// How long a run waits at its end until the server's physical standbys have replayed what was committed; by default it
    /// does not wait. The role must be a member of `pg_monitor` to see the standbys.
    pub standby_wait: Option<Duration>,
}

impl Default for RunOptions {
    fn default() -> RunOptions {
        RunOptions {
            targets: Targets::new(),
            limit: Limit::default(),
            role: None,
            trust: Vec::new(),
            history_schema: "migrate".to_owned(),
            new_history: false,
            application: None,
            revision: None,
            facts_again: false,
            create_tree: false,
            ignored_slots: Vec::new(),
            add_to_set: false,
            connect_wait: None,
            lock_wait: Duration::from_secs(300),
            lock_timeout: None,
            lock_retries: 10,
            build_timeout: None,
            answer_timeout: Duration::from_secs(30),
            idle_limit: Duration::from_secs(600),
            node_wait: Duration::from_secs(300),
            standby_wait: None,
        }
    }
}
