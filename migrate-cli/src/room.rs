use std::path::PathBuf;

use migrate_cluster::{Installation, Instances, Named, Rewrite};
use migrate_core::{Error, ErrorKind, Place, Result};
use migrate_runtime::{Pending, Settings};
use tokio_postgres::Client;

use crate::before::born;
use crate::print;

/// Refuses patches that store tables anew in an instance whose volume has no room for it, and warns of one that is
/// nearly full; each patch by itself, for what it took is free after it. Servers that are no instances of this directory are
/// let be.
///
/// # Errors
///
/// `Full`, with what each table needs; those of connecting.
pub(crate) async fn admit(directory: PathBuf, settings: Settings, pending: Vec<Pending>) -> Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    let instances = match Installation::find(&|name| std::env::var(name).ok()) {
        Ok(installation) => Instances::open(&installation, &directory)?,
        // Then no server of ours runs either.
        Err(error) if error.kind() == ErrorKind::NotInstalled => return Ok(()),
        Err(error) => return Err(error),
    };
    let link = settings.connect().await?;
    let Some(named) = instance(&instances, &link.client).await? else { return Ok(()) };
    let room = named.room()?;
    if let Some(warning) = room.warning() {
        print::progress(format_args!("warning: instance {}: {warning}", named.name()));
    }
    for Pending { bundle, patch } in pending {
        let mut rewrites = Vec::new();
        for table in patch.rewrites() {
            match Rewrite::of(&link.client, &table).await {
                Ok(rewrite) => rewrites.push(rewrite),
                // A patch before it makes it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        room.admit(&rewrites).map_err(|error| {
            let what = format!("while looking for room for patch `{}` of `{bundle}`", patch.version);
            error.at(Place::file(patch.file.as_ref())).context(what)
        })?;
    }
    Ok(())
}

/// The instance that a connection leads to.
async fn instance(instances: &Instances, client: &Client) -> Result<Option<Named>> {
    let refused = |error: tokio_postgres::Error| {
        Error::new(ErrorKind::Sql, "the server does not tell its port").caused_by(error)
    };
    let row = client.query_one("SELECT pg_catalog.current_setting('port')", &[]).await.map_err(refused)?;
    let port: String = row.get(0);
    for named in instances.list()?.into_iter().filter(|named| named.port().to_string() == port) {
        match named.attach().await {
            Ok(server) if born(&server.connect("postgres").await?).await? == born(client).await? => {
                return Ok(Some(named));
            }
            Ok(_) => {}
            // It does not run: the port is that of a server elsewhere.
            Err(error) if error.kind() == ErrorKind::Instance => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
