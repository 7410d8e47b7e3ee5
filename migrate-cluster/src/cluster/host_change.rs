use std::fs::File;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::cluster::Cluster;
use super::host_rules::HostRules;
use super::settings_check::{REPAIR, readable};
use crate::pg_hba::block::Block;
use crate::pg_hba::hba_file::HbaFile;
use crate::pg_hba::host::Host;
use crate::program::log::Log;
use crate::server::server_error::server_error;
use crate::system::poll::PollTimer;

/// How long a server may take to reload its configuration files.
const DEADLINE: Duration = Duration::from_secs(30);

/// The lock on the rules. Nobody else changes them while this value lives.
///
/// A verb takes it before it checks whether the user exists, and holds it until the user is changed. So no process
/// removes the rules that another one has just written for the same name.
#[derive(Debug)]
pub(crate) struct HostRulesLock {
    rules: HostRules,
    /// The file as it was before the first change.
    before: Option<String>,
    _lock: File,
}

const UNCHANGED: &str = "the server can't reload its settings, nor `pg_hba.conf`: nothing is changed";
const RELOAD: &str = "SELECT pg_catalog.pg_reload_conf()";
const RELOADING: &str = "can't make the server reload `pg_hba.conf`";

impl HostRules {
    /// Waits for the lock on the rules.
    pub(crate) async fn lock(self) -> Result<HostRulesLock> {
        let lock = self.file.lock().await?;
        Ok(HostRulesLock { rules: self, before: None, _lock: lock })
    }
}

impl HostRulesLock {
    /// The hosts of a user; empty if none were set.
    pub(crate) fn hosts(&self, user: &str) -> Result<Vec<Host>> {
        Ok(self.rules.read()?.remove(user).unwrap_or_default())
    }

    /// Sets or removes the hosts of a user, and waits until that is in force.
    pub(crate) async fn set(&mut self, cluster: &Cluster, user: &str, hosts: &[Host]) -> Result<()> {
        if user.contains(['\n', '\r']) {
            if hosts.is_empty() {
                return Ok(());
            }
            let message = format!("user `{user}` can't have hosts: `pg_hba.conf` can't contain this name");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (mut block, rest) = Block::split(&self.rules.file.text()?)?;
        match hosts {
            [] => block.0.remove(user),
            hosts => block.0.insert(user.to_owned(), hosts.to_vec()),
        };
        let after = block.join(&rest, self.rules.file.format);
        // Rules in the file may not be in force yet: the process that wrote them may have been killed.
        match hosts.is_empty() && after == self.rules.file.text()? {
            true => Ok(()),
            false => self.write(cluster, &after).await,
        }
    }

    /// Checks that the hosts of a user can be removed afterwards.
    pub(crate) async fn check(&self, client: &Client, user: &str) -> Result<()> {
        match self.hosts(user)?.is_empty() {
            true => Ok(()),
            false => readable(client, UNCHANGED).await,
        }
    }

    /// Undoes the change after an error. If that fails too, the error gets a note.
    pub(crate) async fn take_back(mut self, cluster: &Cluster, error: Error) -> Error {
        let Some(before) = self.before.take() else { return error };
        let taken_back = async {
            self.rules.file.write(&before)?;
            reload(&self.rules.file, cluster, &cluster.connect_outside(&[]).await?.client).await
        };
        match taken_back.await {
            Ok(()) => error,
            Err(left) => error.note(left.message()),
        }
    }

    /// Writes the file and makes the server reload it. If either fails, restores the file.
    async fn write(&mut self, cluster: &Cluster, after: &str) -> Result<()> {
        let before = self.rules.file.text()?;
        let link = cluster.connect_outside(&[]).await?;
        readable(&link.client, UNCHANGED).await?;
        self.rules.file.write(after)?;
        if let Err(error) = enforce(&self.rules.file, cluster, &link.client).await {
            self.rules.file.write(&before)?;
            // If this fails, the next change reloads the file. The first error matters more.
            let _ = link.client.batch_execute(RELOAD).await;
            return Err(error);
        }
        self.before.get_or_insert(before);
        Ok(())
    }
}

/// Brings the written file into force.
async fn enforce(file: &HbaFile, cluster: &Cluster, client: &Client) -> Result<()> {
    // The view reads the file, not the rules in force: so a wrong line never comes into force.
    let verified = verify(client).await;
    verified.map_err(|error| error.at(Place::file(file.path().display().to_string())))?;
    reload(file, cluster, client).await.map_err(|error| error.note("`pg_hba.conf` is unchanged"))
}

/// Makes the server reload its files, and waits until new connections are checked against them.
async fn reload(file: &HbaFile, cluster: &Cluster, client: &Client) -> Result<()> {
    let log = Log::from_now(file.data.with_file_name("server.log"));
    let query = format!("SELECT pg_catalog.clock_timestamp()::pg_catalog.text; {RELOAD}");
    let asked = client.simple_query(&query).await.map_err(server_error(RELOADING))?;
    let asked = first(&asked).unwrap_or_default();
    let mut timer = PollTimer::new(DEADLINE);
    while timer.wait().await {
        // A new server process knows when its parent last read the files.
        let link = cluster.connect_outside(&[]).await?;
        let query = "SELECT pg_catalog.pg_conf_load_time() >= $1::pg_catalog.text::pg_catalog.timestamptz";
        let row = link.client.query_typed_one(query, &[(&asked, Type::TEXT)]).await;
        if row.and_then(|row| row.try_get(0)).map_err(server_error(RELOADING))? {
            return check_taken(&log);
        }
    }
    let clause = format!("{RELOADING}: it did not within {} s", DEADLINE.as_secs());
    Err(log.explain(Error::new(ErrorKind::Instance, clause)))
}

/// Checks that the server accepted the file. It says so only in its log, which is in English in a cluster that
/// `migrate` made.
fn check_taken(log: &Log) -> Result<()> {
    match log.tail().contains("pg_hba.conf was not reloaded") {
        false => Ok(()),
        true => Err(log.explain(Error::new(ErrorKind::Format, format!("{RELOADING}: it rejects the file")))),
    }
}

/// Fails with the errors that the server finds in the file.
async fn verify(client: &Client) -> Result<()> {
    let query = "SELECT line_number, error FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL \
                 ORDER BY line_number";
    let rows = client.query_typed(query, &[]).await.map_err(server_error("can't verify `pg_hba.conf`"))?;
    let notes = rows.iter().map(|row| {
        let line = row.try_get::<_, Option<i32>>(0)?.unwrap_or_default();
        Ok(format!("line {line}: {}", row.try_get::<_, String>(1)?))
    });
    let notes: std::result::Result<Vec<String>, tokio_postgres::Error> = notes.collect();
    let notes = notes.map_err(server_error("can't verify `pg_hba.conf`"))?;
    if notes.is_empty() {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Format, "the server finds errors in `pg_hba.conf`, which is unchanged");
    Err(notes.into_iter().fold(error, Error::note).help(REPAIR))
}

/// The first value of the first row.
fn first(messages: &[SimpleQueryMessage]) -> Option<&str> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    })
}
