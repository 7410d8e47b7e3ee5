use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::block::{Block, Form};
use super::{Host, Listening};
use crate::Cluster;
use crate::file::{open, open_private, refused as file_refused, replace};
use crate::log::Log;
use crate::pace::Pace;
use crate::refusal::refused;

/// How long a server may take to read its files anew.
const DEADLINE: Duration = Duration::from_secs(30);

/// The `pg_hba.conf` of a running instance of ours, on this machine.
#[derive(Debug)]
pub(crate) struct Rules {
    data: PathBuf,
    form: Form,
}

/// The right to change the rules: nobody else does as long as this lives.
///
/// It is held from before somebody looks whether there is a user of a name until the user is as is to be. So nobody
/// takes back, by the name, the rules of another one who was faster.
#[derive(Debug)]
pub(crate) struct Changing {
    rules: Rules,
    /// The file as it was before the first change.
    before: Option<String>,
    _lock: File,
}

// Only the server's own files tell that they are the files that we see: another machine may have the same paths.
const WHERE: &str = "SELECT pg_catalog.current_setting('data_directory'), pg_catalog.current_setting('hba_file'), \
    pg_catalog.pg_read_file('postmaster.pid'), \
    pg_catalog.current_setting('server_version_num')::pg_catalog.int4";

impl Rules {
    /// The file of the server that a client is connected to.
    ///
    /// # Errors
    ///
    /// `Unsupported` if that is no instance of ours on this machine, or we are not connected as a superuser.
    pub(crate) async fn of(client: &Client) -> Result<Rules> {
        Rules::find(client).await?.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "the hosts of users can't be set at this server")
                .note(
                    "they are kept in `pg_hba.conf`, which can be written only by a superuser of an instance that \
                     `migrate` made, on the machine where it runs",
                )
                .help("where another program runs the server, write its `pg_hba.conf` as that program wants it")
        })
    }

    /// The same; `None` if the server is no instance of ours.
    pub(crate) async fn find(client: &Client) -> Result<Option<Rules>> {
        let row = match client.query_typed_one(WHERE, &[]).await {
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => return Ok(None),
            row => row,
        };
        let read = row.and_then(|row| {
            let (data, file): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok((PathBuf::from(data), PathBuf::from(file), row.try_get::<_, String>(2)?, row.try_get(3)?))
        });
        let (data, file, pid, server) = read.map_err(refused("can't ask where the server's files are"))?;
        let seen = fs::read_to_string(data.join("postmaster.pid"));
        let ours = seen.is_ok_and(|seen| seen == pid)
            && file == data.join("pg_hba.conf")
            && data.file_name().is_some_and(|name| name == "data")
            && data.parent().is_some_and(|state| state.join("lock").is_file());
        if !ours {
            return Ok(None);
        }
        let open = Listening::of(client).await?.is_open();
        Ok(Some(Rules { data, form: Form { server, open } }))
    }

    /// Waits for the right to change them.
    pub(crate) async fn change(self) -> Result<Changing> {
        let lock = lock(&self.data).await?;
        Ok(Changing { rules: self, before: None, _lock: lock })
    }

    /// The instance's directory.
    pub(crate) fn directory(&self) -> &Path {
        self.data.parent().unwrap_or(&self.data)
    }

    /// The hosts of all users who have some.
    pub(crate) fn read(&self) -> Result<BTreeMap<String, Vec<Host>>> {
        let Block(hosts) = Block::split(&self.text()?)?.0;
        Ok(hosts)
    }

    fn path(&self) -> PathBuf {
        self.data.join("pg_hba.conf")
    }

    fn text(&self) -> Result<String> {
        let path = self.path();
        let mut bytes = Vec::new();
        let file = open(OpenOptions::new().read(true), &path);
        file.and_then(|mut file| file.read_to_end(&mut bytes)).map_err(file_refused("read", &path))?;
        String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Error::new(ErrorKind::Format, "the file is not UTF-8, so that no rules can be written into it")
                .at(Place::file(path.display().to_string()))
                .note(format!("line {line} has bytes that are none"))
                .help("write that line in UTF-8")
        })
    }

    /// Writes the file, whole or not at all.
    fn write(&self, text: &str) -> Result<()> {
        replace(&self.path(), &self.data.join("pg_hba.conf.new"), text)?;
        sync(&self.data)
    }

    /// Brings what is written into force.
    async fn enforce(&self, cluster: &Cluster, client: &Client) -> Result<()> {
        // The view reads the file, not what is in force: what is wrong never comes into force.
        let verified = verify(client).await;
        verified.map_err(|error| error.at(Place::file(self.path().display().to_string())))?;
        self.reload(cluster, client).await.map_err(|error| error.note("`pg_hba.conf` is as it was"))
    }

    /// Has the server read its files, and waits until each new connection is held against them.
    async fn reload(&self, cluster: &Cluster, client: &Client) -> Result<()> {
        let log = Log::from_now(self.data.with_file_name("server.log"));
        let query = format!("SELECT pg_catalog.clock_timestamp()::pg_catalog.text; {RELOAD}");
        let asked = client.simple_query(&query).await.map_err(refused(RELOADING))?;
        let asked = first(&asked).unwrap_or_default();
        let mut pace = Pace::new(DEADLINE);
        while pace.step().await {
            // A new process knows what the one that started it had read.
            let link = cluster.beside(&[]).await?;
            let query =
                "SELECT pg_catalog.pg_conf_load_time() >= $1::pg_catalog.text::pg_catalog.timestamptz";
            let row = link.client.query_typed_one(query, &[(&asked, Type::TEXT)]).await;
            if row.and_then(|row| row.try_get(0)).map_err(refused(RELOADING))? {
                return self.check_taken(&log);
            }
        }
        let clause = format!("{RELOADING}: it has not after {} s", DEADLINE.as_secs());
        Err(log.explain(Error::new(ErrorKind::Instance, clause)))
    }

    /// Whether the server took the file: it says so in its log only, in English, as clusters of ours do.
    fn check_taken(&self, log: &Log) -> Result<()> {
        match log.tail().contains("pg_hba.conf was not reloaded") {
            false => Ok(()),
            true => Err(log.explain(Error::new(ErrorKind::Format, format!("{RELOADING}: it refuses it")))),
        }
    }

    /// The file with its block in the form that fits; `None` where it has that. A block that was edited is left alone: the
    /// server starts with it, and whoever changes hosts is told.
    fn reformed(&self) -> Result<Option<String>> {
        let before = self.text()?;
        let Ok((block, rest)) = Block::split(&before) else { return Ok(None) };
        Ok(Some(block.join(&rest, self.form)).filter(|after| *after != before))
    }
}

impl Changing {
    /// The hosts of one user; none if nobody said.
    pub(crate) fn hosts(&self, user: &str) -> Result<Vec<Host>> {
        Ok(self.rules.read()?.remove(user).unwrap_or_default())
    }

    /// Sets the hosts of a user, or takes them away, and waits until they are in force.
    pub(crate) async fn set(&mut self, cluster: &Cluster, user: &str, hosts: &[Host]) -> Result<()> {
        if user.contains(['\n', '\r']) {
            if hosts.is_empty() {
                return Ok(());
            }
            let message =
                format!("user `{user}` can't have hosts: `pg_hba.conf` has no way to write the name");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (mut block, rest) = Block::split(&self.rules.text()?)?;
        match hosts {
            [] => block.0.remove(user),
            hosts => block.0.insert(user.to_owned(), hosts.to_vec()),
        };
        let after = block.join(&rest, self.rules.form);
        // Rules that are there may not be in force: whoever wrote them may have been killed before.
        match hosts.is_empty() && after == self.rules.text()? {
            true => Ok(()),
            false => self.write(cluster, &after).await,
        }
    }

    /// Refuses where the hosts of a user could not be taken away afterwards.
    pub(crate) async fn check(&self, client: &Client, user: &str) -> Result<()> {
        match self.hosts(user)?.is_empty() {
            true => Ok(()),
            false => readable(client, UNCHANGED).await,
        }
    }

    /// Takes back what was set, after an error; what can't be is said with it.
    pub(crate) async fn take_back(mut self, cluster: &Cluster, error: Error) -> Error {
        let Some(before) = self.before.take() else { return error };
        let taken_back = async {
            self.rules.write(&before)?;
            self.rules.reload(cluster, &cluster.beside(&[]).await?.client).await
        };
        match taken_back.await {
            Ok(()) => error,
            Err(left) => error.note(left.message()),
        }
    }

    /// Writes the file and has the server read it; where either fails, the file is as it was.
    async fn write(&mut self, cluster: &Cluster, after: &str) -> Result<()> {
        let before = self.rules.text()?;
        let link = cluster.beside(&[]).await?;
        readable(&link.client, UNCHANGED).await?;
        self.rules.write(after)?;
        if let Err(error) = self.rules.enforce(cluster, &link.client).await {
            self.rules.write(&before)?;
            // Where it is not asked now, it reads what is there with the next change. The error is what matters.
            let _ = link.client.batch_execute(RELOAD).await;
            return Err(error);
        }
        self.before.get_or_insert(before);
        Ok(())
    }
}

/// Gives the block of a server that is about to start the form that fits: older releases had another one, and it
/// depends on whether other machines can reach the server.
pub(crate) async fn settle(data: &Path, open: bool) -> Result<()> {
    let version = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    let server = version.trim().parse::<i32>().unwrap_or_default().saturating_mul(10_000);
    let rules = Rules { data: data.to_owned(), form: Form { server, open } };
    // Nearly always all is well; and what can't be read here, such as a file that is not UTF-8, the server may take.
    if !rules.path().is_file() || !matches!(rules.reformed(), Ok(Some(_))) {
        return Ok(());
    }
    let _lock = lock(data).await?;
    rules.reformed()?.map_or(Ok(()), |after| rules.write(&after))
}

/// Keeps others from writing the file, who wait without keeping a thread.
async fn lock(data: &Path) -> Result<File> {
    let path = data.with_file_name("pg_hba.lock");
    let file = open_private(OpenOptions::new().read(true).write(true), &path);
    let file = file.map_err(file_refused("open", &path))?;
    let mut pace = Pace::new(DEADLINE);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(file_refused("lock", &path)(error)),
            Err(TryLockError::WouldBlock) if pace.step().await => {}
            Err(TryLockError::WouldBlock) => {
                let message =
                    format!("another process writes `pg_hba.conf`, for {} s now", DEADLINE.as_secs());
                return Err(
                    Error::new(ErrorKind::Locked, message).at(Place::file(path.display().to_string()))
                );
            }
        }
    }
}

fn sync(directory: &Path) -> Result<()> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(file_refused("write", directory))
}

/// What the server finds wrong with the file.
async fn verify(client: &Client) -> Result<()> {
    let query = "SELECT line_number, error FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL \
                 ORDER BY line_number";
    let rows = client.query_typed(query, &[]).await.map_err(refused("can't verify `pg_hba.conf`"))?;
    let notes = rows.iter().map(|row| {
        let line = row.try_get::<_, Option<i32>>(0)?.unwrap_or_default();
        Ok(format!("line {line}: {}", row.try_get::<_, String>(1)?))
    });
    let notes: std::result::Result<Vec<String>, tokio_postgres::Error> = notes.collect();
    let notes = notes.map_err(refused("can't verify `pg_hba.conf`"))?;
    if notes.is_empty() {
        return Ok(());
    }
    let error =
        Error::new(ErrorKind::Format, "the server does not understand `pg_hba.conf`, which stays as it was");
    Err(notes.into_iter().fold(error, Error::note).help(REPAIR))
}

/// Refuses a server that would not read its files anew: it reads none of its settings where one line can't be understood,
/// and nobody could tell from outside whether it has read the rules.
pub(crate) async fn readable(client: &Client, clause: &str) -> Result<()> {
    let doing = "can't ask whether the server can read its files";
    let rows = client.query_typed(UNREADABLE, &[]).await.map_err(refused(doing))?;
    let faults = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)));
    let faults = faults.collect::<std::result::Result<Vec<Fault>, tokio_postgres::Error>>();
    let faults = faults.map_err(refused(doing))?;
    let Some((file, _, _)) = faults.first() else { return Ok(()) };
    let error = Error::new(ErrorKind::Format, clause).at(Place::file(file.clone()));
    let error = faults.iter().fold(error, |error, (file, line, fault)| {
        error.note(format!("{file}, line {}: {fault}", line.unwrap_or_default()))
    });
    Err(error.help(REPAIR))
}

/// A file, the line in it, and what is wrong there.
type Fault = (String, Option<i32>, String);

// A setting that can't be applied is passed over, and the others are read.
const UNREADABLE: &str = "SELECT coalesce(sourcefile, ''), sourceline, \
    error || coalesce(' \"' || name || '\"', '') FROM pg_catalog.pg_file_settings \
    WHERE error IS NOT NULL AND error <> 'setting could not be applied' ORDER BY seqno";

const REPAIR: &str = "repair what is named, or take it out, and try again";
const UNCHANGED: &str =
    "the server can't read its settings anew, and `pg_hba.conf` with them: nothing is changed";
const RELOAD: &str = "SELECT pg_catalog.pg_reload_conf()";
const RELOADING: &str = "can't have the server read `pg_hba.conf`";

/// The first value of an answer.
fn first(messages: &[SimpleQueryMessage]) -> Option<&str> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    })
}
