use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::backup::Backup;
use super::cleanup::clear_backups;
use super::new_backup::NewBackup;
use crate::cluster::running_backup::{APPLICATION, OURS};
use crate::instance::named_instance::NamedInstance;
use crate::server::server_address::ServerAddress;
use crate::server::server_error;
use crate::state::backup_directory::{LOCK, RECORD, is_under_way};
use crate::system::account::Account;
use crate::system::clock::now;
use crate::system::discard::discard;
use crate::system::disk::{directory_size, free, megabytes};
use crate::system::file::{file_error, make_private};
use crate::system::file_lock;
use crate::system::poll::PollTimer;
use crate::system::record::Record;

/// Takes the backup, checks it, and records how it ended. Its input and output are two locks. The instance's lock
/// allows one backup at a time; child processes inherit it. When the backup's own lock becomes free, the backup has
/// ended, for whatever reason. Its error output is a pipe that is closed when the shell ends.
const SCRIPT: &str = include_str!("create.sh");

/// Ends that shell's programs if the shell was killed.
const WATCH: &str = include_str!("watch.sh");

/// How long to wait for the backup's connection to the server.
const CONNECTS: Duration = Duration::from_secs(10);

/// How long to retry while other processes look whether a backup is running.
const LOOKS: Duration = Duration::from_secs(10);

const QUERY: &str = "
SELECT pg_catalog.current_setting('wal_level'),
       (SELECT count(*) FROM pg_catalog.pg_tablespace
         WHERE spcname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_default', 'pg_global']::name[]))";

impl NamedInstance {
    /// Starts a backup. It continues in the background, even if this process ends or is killed.
    ///
    /// While it is taken, databases and users of the instance can't be created or dropped, and the instance can't be
    /// stopped or deleted. [`Backup::wait_for`] waits until it has ended.
    ///
    /// # Errors
    ///
    /// `Busy` while another backup is taken; `Value` for a name of more than 64 characters; `Exists` if the instance
    /// has a backup of this name; `Instance` if it is not running; `Full` if there is too little disk space;
    /// `Unsupported` for an instance with tablespaces; `NotInstalled` if a program is missing.
    pub async fn create_backup(&self, new: &NewBackup) -> Result<Backup> {
        new.check()?;
        let _change = self.lock_changes().await?;
        let instance_lock = self.lock_backups().await?;
        if self.backups()?.iter().any(|backup| backup.name == new.name) {
            let clause = format!("instance `{}` has a backup `{}` already", self.name, new.name);
            return Err(Error::new(ErrorKind::Exists, clause).help("take another name, or delete it"));
        }
        let instance = self.attach().await?;
        let client = instance.client().await?;
        self.check_can_back_up(&client).await?;
        let _making =
            file_lock::wait(&self.state_directory.lock(), "another process has been starting a backup")
                .await?;
        let directory = self.create_backup_directory()?;
        let id = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let started = self.spawn(new, &id, &directory, instance.address(), instance_lock);
        if let Err(error) = started {
            // The first error matters more. The next backup removes the directory.
            let _ = discard(&directory);
            return Err(error);
        }
        wait_until_visible(&client, &directory).await?;
        Backup::read(&self.state_directory, &id)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("backup `{}` was deleted", new.name)))
    }

    /// Takes the lock that allows one backup at a time. A process that only looks holds it for a moment.
    async fn lock_backups(&self) -> Result<File> {
        let mut timer = PollTimer::new(LOOKS);
        while !self.is_being_taken().await? {
            if let Some(instance_lock) = file_lock::lock(&self.directory.backup_lock())? {
                return Ok(instance_lock);
            }
            if !timer.wait().await {
                break;
            }
        }
        Err(self.already_taken())
    }

    fn already_taken(&self) -> Error {
        let clause = format!("a backup of instance `{}` is being taken already", self.name);
        Error::new(ErrorKind::Busy, clause).help("wait for it (`cargo migrate backup wait`)")
    }

    async fn check_can_back_up(&self, client: &Client) -> Result<()> {
        let row = client.query_one(QUERY, &[]).await.map_err(|error| {
            Error::new(ErrorKind::Sql, "can't ask the server whether it can be backed up").caused_by(error)
        })?;
        if row.get::<_, i64>(1) > 0 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "an instance with tablespaces can't be backed up",
            )
            .help("dump its databases (`cargo migrate dump`)"));
        }
        if row.get::<_, &str>(0) == "minimal" {
            let clause = "an instance whose `wal_level` is `minimal` can't be backed up";
            return Err(Error::new(ErrorKind::Unsupported, clause).help("reset `wal_level`, and restart it"));
        }
        // The backup may be as large as the cluster, and the check unpacks the cluster once more.
        let needed = 2 * directory_size(&self.directory.data())?;
        let place = self.state_directory.backups();
        let left = free(&place)?;
        if needed <= left {
            return Ok(());
        }
        let clause =
            format!("a backup needs {} of disk space, and {} are free", megabytes(needed), megabytes(left));
        Err(Error::new(ErrorKind::Full, clause).at(Place::file(place.display().to_string())))
    }

    /// Creates the directory of a new backup. Its name is the time.
    fn create_backup_directory(&self) -> Result<PathBuf> {
        let place = self.state_directory.backups();
        clear_backups(&place);
        loop {
            let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
            let directory = place.join(format!("{time:016x}"));
            if make_private(&directory)? {
                Account::of(self.directory.path()).give(&directory)?;
                return Ok(directory);
            }
        }
    }

    fn spawn(
        &self,
        new: &NewBackup,
        id: &str,
        directory: &Path,
        address: &ServerAddress,
        instance_lock: File,
    ) -> Result<()> {
        let instance = self.read_record()?;
        let lock = file_lock::lock(&directory.join(LOCK))?
            .ok_or_else(|| Error::new(ErrorKind::Busy, "another process took a new backup's lock"))?;
        let watching = lock.try_clone().map_err(file_error("lock", directory))?;
        let installation = &self.state_directory.installation;
        let (watched, alive) = io::pipe().map_err(file_error("make a pipe for", directory))?;
        let mut shell = Account::of(self.directory.path()).command("/bin/sh");
        shell.args(["-c", SCRIPT, "backup"]);
        shell.arg(installation.program("pg_basebackup")?).arg(installation.program("pg_verifybackup")?);
        shell.arg(server(address, id)).current_dir(directory).process_group(0);
        shell.stdin(Stdio::from(instance_lock)).stdout(Stdio::from(lock)).stderr(Stdio::from(alive));
        let record = Record::default().with("name", &new.name).with("description", &new.description);
        let record = record.with("instance", &self.name).with("flavor", instance.flavor);
        let record = record.with("volume", instance.volume).with("server", installation.version()?);
        let record = record.with("created", now());
        let record = if new.rotates { record.with("rotates", "yes") } else { record };
        record.write(&directory.join(RECORD))?;
        let mut child = shell.spawn().map_err(file_error("run a shell in", directory))?;
        // This closes our ends of the pipe, so that it is closed when the shell ends.
        drop(shell);
        let mut watcher = Account::of(self.directory.path()).command("/bin/sh");
        watcher.args(["-c", WATCH, "backup-watch"]).arg(directory).process_group(child.id().cast_signed());
        let watcher = watcher.stdin(watched).stdout(watching).stderr(Stdio::null()).spawn();
        // Collects the exit statuses, so that no zombies remain. If there is no thread, they do.
        let _ = std::thread::Builder::new()
            .spawn(move || (child.wait(), watcher.map(|mut watcher| watcher.wait())));
        Ok(())
    }
}

/// libpq's connection string of the instance's superuser.
fn server(address: &ServerAddress, id: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"));
    format!(
        "host={} port={} user=postgres application_name={}",
        quoted(&address.socket.display().to_string()),
        address.port,
        quoted(&format!("{APPLICATION}{id}"))
    )
}

/// Waits until the server shows the backup's connection. Clients on the network see the backup by that.
async fn wait_until_visible(client: &Client, directory: &Path) -> Result<()> {
    let query = format!("SELECT FROM pg_catalog.pg_stat_replication WHERE {OURS}, $1)");
    let id = directory.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{APPLICATION}{id}");
    let mut timer = PollTimer::new(CONNECTS);
    while is_under_way(directory)? {
        let found = client.query_typed(&query, &[(&name, Type::TEXT)]).await;
        if !found.map_err(server_error::server_error("can't see the backup's connection"))?.is_empty()
            || !timer.wait().await
        {
            break;
        }
    }
    Ok(())
}
