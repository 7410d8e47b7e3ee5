use std::sync::Arc;

use embed_migrate_core::{Bundle, Error, HISTORY_BUNDLE, Result, RunOptions, Targets, Version};
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
    /// A migrator for these bundles. A bundle that another one requires runs before it, whatever their order here.
    pub fn new(bundles: impl IntoIterator<Item = &'a Bundle>) -> Migrator<'a> {
        let bundles: Vec<_> = bundles.into_iter().collect();
        let application = bundles.last().map(|bundle| bundle.name().to_string());
        let trust = bundles.iter().flat_map(|bundle| bundle.trust().iter()).map(ToString::to_string);
        let mut options = Options::default();
        (options.application, options.trust) = (application, trust.collect());
        Migrator { bundles, options }
    }

    /// Changes the options of the run. Options that were set before stay as they are.
    ///
    /// ```no_run
    /// # fn example(migrator: embed_migrate_runtime::Migrator<'_>) {
    /// let migrator = migrator.with(|options| {
    ///     options.role = Some("registry_owner".into());
    ///     options.lock_wait = std::time::Duration::from_secs(60);
    /// });
    /// # }
    /// ```
    pub fn with(mut self, change: impl FnOnce(&mut RunOptions)) -> Self {
        change(&mut self.options.run);
        self
    }

    /// Another server that is migrated together with the run's own: a node of a replicated set, or one of a list. Each boot
    /// asks all of them whether they are up to date.
    pub fn node(mut self, name: impl Into<String>, settings: Settings) -> Self {
        self.options.nodes.push(Node { name: name.into(), settings });
        self
    }

    /// The replication type of the servers; detected if it is not set.
    pub fn topology(mut self, topology: Topology) -> Self {
        self.options.topology = Some(topology);
        self
    }

    /// A callback for what happens during the run. It runs between messages and should not block.
    pub fn progress(mut self, progress: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.options.progress = Some(Arc::new(progress));
        self
    }

    /// Checks the patches that a run is about to apply to a server, once it has the lock and before a backup: for example,
    /// whether there is disk space for patches that rewrite tables. If the check fails, nothing is applied, on any node. It
    /// may query the server over the connection that has the lock, and must leave no transaction open. A dry run calls it too.
    ///
    /// ```no_run
    /// # async fn space_for(table: &str) -> embed_migrate_core::Result<()> { Ok(()) }
    /// # fn example(migrator: embed_migrate_runtime::Migrator<'_>) {
    /// let migrator = migrator.check_patches(|_, pending| {
    ///     Box::pin(async move {
    ///         match pending.iter().any(|pending| pending.patch.text().contains("VACUUM FULL study")) {
    ///             true => space_for("study").await,
    ///             false => Ok(()),
    ///         }
    ///     })
    /// });
    /// # }
    /// ```
    #[doc(hidden)]
    pub fn check_patches(
        mut self,
        check: impl for<'c> Fn(&'c Client, Vec<PendingPatch>) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        self.options.patch_check = Some(Arc::new(check));
        self
    }

    /// Checks the tables that facts are about to rewrite; their names are quoted for SQL. If the check fails, the facts'
    /// transaction is rolled back. It is called inside this transaction, before each part. It may query the server, but only
    /// over this connection: others wait for what the facts have locked. A dry run calls it too.
    #[doc(hidden)]
    pub fn check_rewrites(
        mut self,
        check: impl for<'c> Fn(&'c Client, String) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        self.options.rewrite_check = Some(Arc::new(check));
        self
    }

    /// Takes a backup after the run has the lock and something to do, and before it applies anything. The history keeps the
    /// name that the callback returns. If the backup fails, nothing is applied. Other processes wait for the lock meanwhile.
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
    #[doc(hidden)]
    pub fn bundles(&self) -> &[&'a Bundle] {
        &self.bundles
    }

    /// The schema of the history's tables.
    #[doc(hidden)]
    pub fn history_schema(&self) -> &str {
        &self.options.history_schema
    }

    /// The nodes, in the order in which they were named; none if the replication type is `single`.
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
        HistorySchema::new(&self.options.history_schema)
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
