use std::sync::Arc;
use std::time::Duration;

use embed_migrate_core::{Bundle, Error, HISTORY_BUNDLE, Limit, Result, Targets, Timeout, Version};
use futures_util::future::BoxFuture;
use tokio_postgres::Client;

use crate::history::schema::HistorySchema;
use crate::history::tables::own_bundle::own;
use crate::options::node::Node;
use crate::options::options::{Options, refuse_several};
use crate::options::topology::Topology;
use crate::report::event::Event;
use crate::report::pending_patch::PendingPatch;
use crate::settings::settings::Settings;

/// Brings a database to what its bundles say, or proves that it is there.
///
/// ```no_run
/// # async fn boot(pool: &deadpool_postgres::Pool, migrations: &'static embed_migrate_core::Bundle) -> embed_migrate_core::Result<()> {
/// use embed_migrate_runtime::Migrator;
///
/// let report = Migrator::new([migrations]).run(pool).await?;
/// for done in &report.applied {
///     println!("applied {} {}", done.bundle, done.version);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Migrator<'a> {
    pub(crate) bundles: Vec<&'a Bundle>,
    pub(crate) options: Options,
}

impl<'a> Migrator<'a> {
    /// A migrator for these bundles; those that another requires run before it, whatever their order here.
    pub fn new(bundles: impl IntoIterator<Item = &'a Bundle>) -> Migrator<'a> {
        let bundles: Vec<_> = bundles.into_iter().collect();
        let application = bundles.last().map(|bundle| bundle.name().to_string());
        let trusted = bundles.iter().flat_map(|bundle| bundle.trust().iter()).map(ToString::to_string);
        let options = Options { application, trusted: trusted.collect(), ..Options::default() };
        Migrator { bundles, options }
    }

    /// Stops a bundle at a version. What the database has beyond it stays: a concurrent patch that was interrupted is not gone
    /// on with, but noted, and where other patches are pending, the run is refused.
    pub fn target(mut self, bundle: impl Into<String>, version: Version) -> Self {
        self.options.targets.insert(bundle.into(), version);
        self
    }

    /// Applies only some of what is pending, such as the first group of patches; [`Report::left`](crate::report::report::Report::left)
    /// has the rest. All is applied unless said otherwise.
    pub fn limit(mut self, limit: Limit) -> Self {
        self.options.limit = limit;
        self
    }

    /// Another server that is brought forward together with the one that a run is given: a node of a replicated set, or
    /// one of a list. Each boot asks all of them whether they are up to date.
    pub fn node(mut self, name: impl Into<String>, settings: Settings) -> Self {
        self.options.nodes.push(Node { name: name.into(), settings });
        self
    }

    /// The replication type of the servers; detected if it is not set.
    pub fn topology(mut self, topology: Topology) -> Self {
        self.options.topology = Some(topology);
        self
    }

    /// A replication slot whose reader is no subscriber with tables of its own, such as Debezium's: nobody is configured
    /// for it, and patches don't wait for it.
    pub fn ignore_slot(mut self, slot: impl Into<String>) -> Self {
        self.options.ignored_slots.push(slot.into());
        self
    }

    /// Whether tables that patches made are added to the replicated set, with their sequences, once every node has them;
    /// otherwise they are only reported. Tables that patches made earlier and that are in no set are added too.
    pub fn add_to_set(mut self, add: bool) -> Self {
        self.options.add_to_set = add;
        self
    }

    /// How long to wait until the nodes of a replicated set have confirmed what was applied; 5 minutes unless said
    /// otherwise.
    pub fn node_wait(mut self, wait: Duration) -> Self {
        self.options.node_wait = wait;
        self
    }

    /// Waits at the end of each run until the server's physical standbys have replayed what was committed, and at most so
    /// long; not at all unless said otherwise. The role must be a member of `pg_monitor` to see them.
    pub fn wait_for_standbys(mut self, wait: Duration) -> Self {
        self.options.standby_wait = Some(wait);
        self
    }

    /// How long to wait for the migration lock while another process holds it; 5 minutes unless said otherwise,
    /// zero means not at all.
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.options.lock_wait = wait;
        self
    }

    /// How long to wait for a server that is not there yet: that is down or starts, has no connection left, or is a standby
    /// where there is something to write. All hosts of a URL are tried in each round. A run, a dry run and a repair wait
    /// 10 s unless said otherwise; what only looks does not wait unless this says so, and [`Migrator::up_to_date`] never does.
    pub fn connect_wait(mut self, wait: Duration) -> Self {
        self.options.connect_wait = Some(wait);
        self
    }

    /// How long the server hears nothing of a run before it ends its session, and so frees its locks: of a process that was
    /// stopped, or whose host vanished. 10 min unless said otherwise, zero means without end. A run sends something before
    /// that ends, also while a callback of the application is awaited; one that blocks its thread for longer needs more.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.options.idle_limit = limit;
        self
    }

    /// How long the server may take to answer a question of our own, such as where the database stands, before the
    /// run gives up on it; 30 s unless said otherwise, zero means without end. Patches take as long as they take.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.options.answer_timeout = timeout;
        self
    }

    /// How long a statement waits for a table's lock before its patch is tried again; zero means without end.
    /// Unless a patch's own directive or this says otherwise, the bundle's `timeouts` do, or else it is 2 s.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = Some(Timeout::from(timeout));
        self
    }

    /// How many times a patch that did not get a lock is tried again; 10 unless said otherwise.
    pub fn lock_retries(mut self, retries: u32) -> Self {
        self.options.lock_retries = retries;
        self
    }

    /// The schema of the history's tables; `migrate` unless said otherwise.
    pub fn history_schema(mut self, schema: impl Into<String>) -> Self {
        self.options.schema = schema.into();
        self
    }

    /// Applies the patches of a bundle of which the history has nothing, though the database has them: under another name,
    /// or in the history of another schema. Without it such a run is refused, for it is what happens where a bundle was
    /// renamed or the history's schema forgotten. `history: separate` in a `bundle.yaml` says the same of that bundle for good.
    pub fn new_history(mut self) -> Self {
        self.options.new_history = true;
        self
    }

    /// The role that patches run as and that owns what they make; the connection's role unless said otherwise.
    /// The connection's role must be a member of it.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.options.role = Some(role.into());
        self
    }

    /// A role whose objects are trusted, beside the connection's role, the one that [`Migrator::role`] names, superusers,
    /// the database's owner, and those that `trust` in a `bundle.yaml` lists. Each call adds one. Unlike `role` it
    /// puts nothing on, so the connection's role needs not be a member of it, and a role that isn't there does no harm.
    ///
    /// What belongs to a member of a trusted role is trusted as well: whoever may act as a role could as well have made
    /// it as that role. So it takes one group to trust credentials that rotate in it. A role that may only
    /// read needs this for [`Migrator::status`] where another role than the database's owner migrates.
    pub fn trust(mut self, role: impl Into<String>) -> Self {
        self.options.trusted.push(role.into());
        self
    }

    /// The name that the history and the server's list of activity show; the last bundle's unless said
    /// otherwise.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.options.application = Some(name.into());
        self
    }

    /// The git revision that the history keeps; the one that each bundle was built from unless said otherwise.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.options.revision = Some(revision.into());
        self
    }

    /// What to call while the run goes on. It runs between messages and should not block.
    pub fn progress(mut self, progress: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.options.progress = Some(Arc::new(progress));
        self
    }

    /// Deploys facts also where the record says that they were deployed, so that what somebody changed by hand is made
    /// true again. Facts that are older than the database's are left alone all the same.
    pub fn facts_again(mut self) -> Self {
        self.options.facts_again = true;
        self
    }

    /// What looks at the patches that a run is about to apply to a server, once it has the lock and before a backup; where it
    /// refuses, nothing is applied, to no node. Such as whether there is room on the disk for those that store tables anew.
    /// It may ask the server, on the connection that has the lock, and leaves no transaction open. A dry run asks it too.
    ///
    /// ```no_run
    /// # async fn room_for(table: &str) -> embed_migrate_core::Result<()> { Ok(()) }
    /// # fn example(migrator: embed_migrate_runtime::Migrator<'_>) {
    /// let migrator = migrator.before(|_, pending| {
    ///     Box::pin(async move {
    ///         match pending.iter().any(|pending| pending.patch.text().contains("VACUUM FULL study")) {
    ///             true => room_for("study").await,
    ///             false => Ok(()),
    ///         }
    ///     })
    /// });
    /// # }
    /// ```
    #[doc(hidden)]
    pub fn before(
        mut self,
        before: impl for<'c> Fn(&'c Client, Vec<PendingPatch>) -> BoxFuture<'c, Result<()>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.options.before = Some(Arc::new(before));
        self
    }

    /// What looks at the tables that facts are about to store anew, named as SQL names them; where it refuses, the facts'
    /// transaction is rolled back. It is asked inside that, before each part, and may ask the server: on this connection,
    /// for others wait for what the facts have locked. A dry run asks it too.
    #[doc(hidden)]
    pub fn rewriting(
        mut self,
        look: impl for<'c> Fn(&'c Client, String) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        self.options.rewriting = Some(Arc::new(look));
        self
    }

    /// Lets the bundles' create trees make what their patches would, each in one transaction, where the history has nothing
    /// of the bundle; a bundle without one is left to its patches. Everything that follows is as ever: the history has the
    /// patches' rows, later patches and facts come on top. A dry run tries the patches. `prove` shows that both ways end alike.
    pub fn by_create_tree(mut self) -> Self {
        self.options.create = true;
        self
    }

    /// What takes a backup once the run has the lock and something to do, and before it does that; the name that it
    /// gives is kept in the history. If it fails, nothing is applied. Others wait for the lock meanwhile.
    ///
    /// ```no_run
    /// # async fn take() -> embed_migrate_core::Result<String> { Ok(String::new()) }
    /// # fn example(migrator: embed_migrate_runtime::Migrator<'_>) {
    /// let migrator = migrator.backup(|| async {
    ///     let name = take().await?;
    ///     Ok(name)
    /// });
    /// # }
    /// ```
    pub fn backup<F>(mut self, backup: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        self.options.backup = Some(Arc::new(move || Box::pin(backup())));
        self
    }

    /// Whether a backup is taken before a run.
    #[doc(hidden)]
    pub fn backs_up(&self) -> bool {
        self.options.backup.is_some()
    }

    /// The bundles, in the order in which they were given.
    pub fn bundles(&self) -> &[&'a Bundle] {
        &self.bundles
    }

    /// The nodes, in the order in which they were named; none where there is one server, whoever is named.
    #[doc(hidden)]
    pub fn nodes(&self) -> &[Node] {
        match self.options.topology {
            Some(Topology::Single) => &[],
            None | Some(Topology::List | Topology::Logical | Topology::Slony) => &self.options.nodes,
        }
    }

    /// All bundles, the history's own first.
    pub(crate) fn all(&self) -> Vec<&'a Bundle> {
        [own() as &'a Bundle].into_iter().chain(self.bundles.iter().copied()).collect()
    }

    pub(crate) fn schema(&self) -> HistorySchema {
        HistorySchema::new(&self.options.schema)
    }

    /// Refuses what is wrong with the request itself, before anything is asked of a server.
    pub(crate) fn check(&self) -> Result<()> {
        let stale = self.bundles.iter().filter_map(|bundle| bundle.changed_since_build());
        let reserved = self.bundles.iter().filter(|bundle| bundle.name() == HISTORY_BUNDLE).map(|_| {
            Error::new(
                embed_migrate_core::ErrorKind::Duplicate,
                format!("no bundle may be called `{HISTORY_BUNDLE}`"),
            )
            .help("the history's own patches go by that name: give the bundle another `name` in bundle.yaml")
        });
        let names = self.options.problems();
        let targets = self.options.targets.iter().filter_map(|target| self.target_problem(target));
        let several = (!self.options.nodes.is_empty()).then(|| refuse_several(&self.options).err()).flatten();
        Error::all(stale.chain(reserved).chain(names).chain(targets).chain(several)).map_or(Ok(()), Err)
    }

    fn target_problem(&self, (name, version): (&String, &Version)) -> Option<Error> {
        let Some(bundle) = self.bundles.iter().find(|bundle| bundle.name() == *name) else {
            let names: Vec<_> = self.bundles.iter().map(|bundle| format!("`{}`", bundle.name())).collect();
            let error = Error::new(
                embed_migrate_core::ErrorKind::Missing,
                format!("there is no bundle `{name}` to stop at `{version}`"),
            );
            return Some(error.help(format!("the bundles are {}", names.join(", "))));
        };
        bundle.target(*version).err()
    }

    pub(crate) fn targets(&self) -> &Targets {
        &self.options.targets
    }
}
