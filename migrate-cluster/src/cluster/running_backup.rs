use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::cluster::Cluster;
use super::host_rules::HostRules;
use crate::server::server_error::server_error;
use crate::state::backup_directory::are_under_way;
use crate::state::server_directory::BACKUP_LOCK;
use crate::state::state_directory::{BACKUPS, INSTANCES};
use crate::system::file_lock::{self, LockState};

/// The application name of a backup's connection, before the backup's id.
pub(crate) const APPLICATION: &str = "migrate backup ";

/// Anybody may use this application name. But only the superuser that the instance was created with takes backups,
/// through replication connections. Clients on the network can see these two columns as well.
pub(crate) const OURS: &str =
    "usesysid OPERATOR(pg_catalog.=) 10 AND pg_catalog.starts_with(application_name";

impl Cluster {
    /// Connects in order to create or drop something. The first message also asks whether a backup is running.
    /// `doing` is a clause such as "can't create database `demo`". If there is no other database, it connects to
    /// `last`, unless our own session is one of them.
    ///
    /// # Errors
    ///
    /// `Busy` while a backup is taken.
    pub(crate) async fn connect_to_change(
        &self,
        names: &[&str],
        last: Option<&str>,
        doing: &str,
    ) -> Result<DirectConnection> {
        let (link, messages) = self.connect_outside_with(names, last, &question()).await?;
        refuse_during(&link.client, &messages, doing).await?;
        Ok(link)
    }
}

/// Ends the connections of a backup whose shell was killed.
pub(crate) async fn end_leftovers(client: &Client) -> Result<()> {
    let query = format!(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_replication WHERE {OURS}, $1)"
    );
    let ended = client.query_typed(&query, &[(&APPLICATION, Type::TEXT)]).await;
    ended.map(drop).map_err(server_error("can't end the programs of a killed backup"))
}

/// The query whether a backup of this server is running.
fn question() -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_replication WHERE {OURS}, {}))",
        quote::literal(APPLICATION)
    )
}

/// Refuses what `doing` says while a backup is taken. For an instance on this machine, its files show it from the start
/// of the backup to the end of its check. For other servers, the answer to [`question`] shows it.
async fn refuse_during(client: &Client, answer: &[SimpleQueryMessage], doing: &str) -> Result<()> {
    let is_yes = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0) == Some("t"),
        _ => false,
    };
    let is_taken = match HostRules::find(client).await? {
        Some(rules) => is_taken_at(rules.directory())?,
        None => answer.iter().any(is_yes),
    };
    match is_taken {
        true => Err(Error::new(ErrorKind::Busy, format!("{doing}: a backup is being taken"))
            .help("wait for it (`cargo migrate backup wait`)")),
        false => Ok(()),
    }
}

/// Whether a backup of the instance in a directory is being taken.
fn is_taken_at(directory: &Path) -> Result<bool> {
    if file_lock::probe(&directory.join(BACKUP_LOCK))? == LockState::Free {
        return Ok(false);
    }
    match (backups_of(directory), directory.file_name()) {
        (Some(place), Some(name)) => are_under_way(&place, &name.to_string_lossy()),
        // It is outside of a state directory, behind a link. The lock is all that we can see.
        _ => Ok(true),
    }
}

/// The directory of an instance's backups, if the instance is in a state directory. Other directories beside a server
/// are not ours.
fn backups_of(directory: &Path) -> Option<PathBuf> {
    let place = directory.parent().filter(|place| place.file_name().is_some_and(|name| name == INSTANCES))?;
    Some(place.with_file_name(BACKUPS)).filter(|place| place.is_dir())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::state::backup_directory::{LOCK, RECORD};
    use crate::system::record::Record;

    #[test]
    fn what_lies_beside_a_server_that_is_none_of_a_state_directory_is_not_looked_at() {
        let scratch = std::env::temp_dir().join(format!("migrate-test-beside-{}", std::process::id()));
        let backup = scratch.join("backups/0123456789abcdef");
        std::fs::create_dir_all(&backup).unwrap();
        Record::default().with("instance", "demo").write(&backup.join(RECORD)).unwrap();
        let taken = file_lock::lock(&backup.join(LOCK)).unwrap().unwrap();
        for (place, expected) in [("instances", true), ("servers", false)] {
            let directory = scratch.join(place).join("demo");
            std::fs::create_dir_all(&directory).unwrap();
            assert!(!is_taken_at(&directory).unwrap(), "{place}");
            let held = (place == "instances")
                .then(|| file_lock::lock(&directory.join(BACKUP_LOCK)).unwrap().unwrap());
            assert_eq!(is_taken_at(&directory).unwrap(), expected, "{place}");
            drop(held);
        }
        // The programs of a killed backup hold only the instance's lock.
        let _held = file_lock::lock(&scratch.join("instances/demo").join(BACKUP_LOCK)).unwrap().unwrap();
        drop(taken);
        // A child process that another test is starting has a copy of the lock until it runs its program.
        let end = std::time::Instant::now() + Duration::from_secs(10);
        while is_taken_at(&scratch.join("instances/demo")).unwrap() {
            assert!(std::time::Instant::now() < end, "the backup that is gone counts");
        }
        std::fs::remove_dir_all(&scratch).unwrap();
    }
}
