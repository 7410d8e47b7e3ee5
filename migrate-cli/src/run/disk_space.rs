use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use embed_migrate_cluster::{DiskSpace, Installation, Instances, NamedInstance, TableRewrite};
use embed_migrate_core::{Error, ErrorKind, Place, Result, quote};
use embed_migrate_runtime::{Migrator, PendingPatch};
use tokio_postgres::Client;

use super::same_server::is_same_server;
use crate::output::print;

/// Whether an instance's volume must have space for tables that are rewritten.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiskSpaceOptions {
    /// The directory of instances and backups (default: MIGRATE_STATE_DIR, or that of `cargo migrate instance`)
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Rewrite tables even if the instance's volume has no space for it
    #[arg(long)]
    ignore_disk_space: bool,
}

impl DiskSpaceOptions {
    /// The migrator, with a check of each instance's free disk space before tables are rewritten.
    pub(crate) fn apply<'a>(
        &self,
        migrator: Migrator<'a>,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Migrator<'a> {
        // Without a state directory there are no instances.
        let Some(directory) = self.directory(variables).ok().filter(|_| !self.ignore_disk_space) else {
            return migrator;
        };
        let of_facts = directory.clone();
        let migrator = migrator.check_patches(move |client, pending| {
            let directory = directory.clone();
            Box::pin(async move { patches(&directory, client, pending).await })
        });
        migrator.check_rewrites(move |client, table| {
            let directory = of_facts.clone();
            Box::pin(async move {
                let Some(named) = instance(&directory, client).await? else { return Ok(()) };
                free_space(&named)?.check(&[TableRewrite::of(client, &table).await?])
            })
        })
    }

    pub(crate) fn directory(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf> {
        match &self.state_dir {
            Some(directory) => Ok(directory.clone()),
            None => Instances::default_directory(variables),
        }
    }
}

/// Refuses patches that rewrite tables in an instance whose volume has no space for it, and warns if the volume is nearly
/// full. Each patch is checked by itself, since its space is free again after it. Servers that are no instances of this
/// directory are not checked.
///
/// # Errors
///
/// `Full`, with what each table needs.
async fn patches(directory: &Path, client: &Client, pending: Vec<PendingPatch>) -> Result<()> {
    let Some(named) = instance(directory, client).await? else { return Ok(()) };
    let space = free_space(&named)?;
    let mut earlier = BTreeMap::new();
    for pending in pending {
        let rewrites = rewrites(client, &pending, &mut earlier).await?;
        let PendingPatch { bundle, patch, .. } = pending;
        space.check(&rewrites).map_err(|error| {
            let what = format!("while checking the disk space for patch `{}` of `{bundle}`", patch.version());
            error.at(Place::file(patch.file())).context(what)
        })?;
    }
    Ok(())
}

/// The clauses of earlier patches that change the types of columns, by bundle and table.
type EarlierRetypes = BTreeMap<(String, String), Vec<String>>;

/// The tables that a patch rewrites, and the space that this takes.
async fn rewrites(
    client: &Client,
    pending: &PendingPatch,
    earlier: &mut EarlierRetypes,
) -> Result<Vec<TableRewrite>> {
    let rewritten = pending.patch.rewrites();
    if rewritten.is_empty() {
        return Ok(Vec::new());
    }
    let path = pending
        .schema
        .as_deref()
        .map(|schema| format!("; SET LOCAL search_path = {}, public, pg_temp", quote::identifier(schema)));
    send(client, &format!("BEGIN{}", path.unwrap_or_default())).await?;
    let mut rewrites = Vec::new();
    for rewritten in rewritten {
        let earlier = earlier.entry((pending.bundle.clone(), rewritten.table.clone())).or_default();
        let probe = (!rewritten.retypes.is_empty()).then(|| rewritten.probe(earlier));
        earlier.extend(rewritten.retypes);
        match TableRewrite::of(client, &rewritten.table).await {
            Ok(rewrite) => {
                let anew = match probe {
                    Some(probe) => TableRewrite::tried(client, &probe).await?,
                    None => true,
                };
                rewrites.extend(anew.then_some(rewrite));
            }
            // An earlier patch creates the table.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    send(client, "ROLLBACK").await?;
    Ok(rewrites)
}

async fn send(client: &Client, sql: &str) -> Result<()> {
    let refused =
        |error| Error::new(ErrorKind::Sql, "can't find out which tables patches rewrite").caused_by(error);
    client.batch_execute(sql).await.map_err(refused)
}

/// The free space of an instance's volume. Prints a warning if it is low.
fn free_space(named: &NamedInstance) -> Result<DiskSpace> {
    let space = named.disk_space()?;
    if let Some(warning) = space.warning() {
        print::progress(format_args!("warning: instance {}: {warning}", named.name()));
    }
    Ok(space)
}

/// The instance of a directory that a connection leads to.
async fn instance(directory: &Path, client: &Client) -> Result<Option<NamedInstance>> {
    if !directory.is_dir() {
        return Ok(None);
    }
    let instances = match Installation::find(&|name| std::env::var(name).ok()) {
        Ok(installation) => Instances::open(&installation, directory)?,
        // Without PostgreSQL's programs, no instance is running.
        Err(error) if error.kind() == ErrorKind::NotInstalled => return Ok(None),
        Err(error) => return Err(error),
    };
    let refused = |error: tokio_postgres::Error| {
        Error::new(ErrorKind::Sql, "the server does not tell its port").caused_by(error)
    };
    let row = client.query_one("SELECT pg_catalog.current_setting('port')", &[]).await.map_err(refused)?;
    let port: String = row.get(0);
    for named in instances.list()?.into_iter().filter(|named| named.port().to_string() == port) {
        match named.attach().await {
            Ok(server) if is_same_server(&server.client().await?, client).await? => return Ok(Some(named)),
            Ok(_) => {}
            // The instance is stopped: another server has this port.
            Err(error) if error.kind() == ErrorKind::Instance => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
