//! A throwaway server that keeps its promises: fsync on, on a disk; or one in memory, where the disk would be all that
//! is measured.
//!
//! Not `migrate-cluster`'s: its throwaway server lives in memory if there is room, and its kept one asks whoever
//! comes by TCP for a password, which would put the same milliseconds of SCRAM under every ratio and hide what it is
//! about.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use crate::{Result, context};

/// A PostgreSQL server in a temporary directory; gone when dropped.
pub struct Server {
    child: Child,
    directory: PathBuf,
    port: u16,
    /// Its version, as `PostgreSQL 15.18`.
    pub version: String,
}

/// What differs from PostgreSQL's defaults: nothing that works in the background may fall on one contender only.
const SETTINGS: [&str; 5] = [
    "autovacuum=off",
    "checkpoint_timeout=1h",
    "max_wal_size=8GB",
    "max_connections=200",
    "max_locks_per_transaction=256",
];

const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Makes a cluster on a disk and starts it with fsync on, as the user `postgres` when root.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not found, or does not start.
    pub fn start() -> Result<Server> {
        Server::start_in(DISK, "fsync=on")
    }

    /// The same in memory with fsync off, if there is such a directory; otherwise on a disk with fsync off.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not found, or does not start.
    pub fn start_in_memory() -> Result<Server> {
        let memory = Path::new(MEMORY).is_dir();
        Server::start_in(if memory { MEMORY } else { DISK }, "fsync=off")
    }

    fn start_in(parent: &str, fsync: &str) -> Result<Server> {
        let binaries = binaries()?;
        let owner = owner()?;
        let directory = directory(parent, owner)?;
        let (cluster, log) = (directory.join("cluster"), directory.join("log"));
        initdb(&binaries, owner, &cluster)?;
        let port = free_port()?;
        let mut command = as_owner(&binaries.join("postgres"), owner);
        command.arg("-D").arg(&cluster).args(["-h", "127.0.0.1", "-k", "", "-p", &port.to_string()]);
        command.args(SETTINGS.iter().chain([&fsync]).flat_map(|setting| ["-c", *setting]));
        let log_file = fs::File::create(&log).map_err(context(log.display()))?;
        let child = command.stderr(log_file).spawn().map_err(context("postgres"))?;
        let mut server = Server { child, directory, port, version: version(&binaries)? };
        server.wait_until_ready().map_err(context(fs::read_to_string(&log).unwrap_or_default()))?;
        Ok(server)
    }

    /// A program of PostgreSQL's, such as `pgbench`.
    ///
    /// # Errors
    ///
    /// It is not installed.
    pub fn program(name: &str) -> Result<PathBuf> {
        let program = binaries()?.join(name);
        if program.exists() { Ok(program) } else { Err(format!("{} is missing", program.display()).into()) }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where a database is, asked directly.
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// A connection to a database.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn connect(&self, database: &str) -> Result<Client> {
        Client::connect(&self.url(database), NoTls).map_err(context(database))
    }

    /// Makes an empty database, instead of any that there was.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn create(&self, database: &str) -> Result<()> {
        self.drop_database(database)?;
        self.admin(&format!("CREATE DATABASE {database} TEMPLATE template0"))
    }

    /// Drops a database, if there is one.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn drop_database(&self, database: &str) -> Result<()> {
        self.admin(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
    }

    /// Runs one statement outside a transaction.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn admin(&self, sql: &str) -> Result<()> {
        self.connect("postgres")?.batch_execute(sql).map_err(context(sql))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("postgres ended at once: {status}").into());
            }
            if self.connect("postgres").is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(20));
        }
        Err("postgres did not start within a minute".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is postgres' fast shutdown; a kill would leave its shared memory.
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-INT", &pid]).status().is_ok_and(|status| status.success());
        if !asked {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A connection string that every client here reads the same way.
pub fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
}

/// The user that runs the server: nobody else's than ours, unless we are root.
///
/// # Errors
///
/// There is no such user.
pub fn owner() -> Result<Option<(u32, u32)>> {
    let id = |args: &[&str]| -> Result<u32> {
        let output = Command::new("id").args(args).output().map_err(context("id"))?;
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse()
            .map_err(context(format!("id {}", args.join(" "))))
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)))
}

/// On a disk if /tmp may be memory.
const DISK: &str = "/var/tmp";
const MEMORY: &str = "/dev/shm";

fn directory(parent: &str, owner: Option<(u32, u32)>) -> Result<PathBuf> {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let directory = Path::new(parent).join(format!("migrate-benches-{}-{number}", std::process::id()));
    fs::create_dir(&directory).map_err(context(directory.display()))?;
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
    if let Some((user, group)) = owner {
        chown(&directory, Some(user), Some(group)).map_err(context(directory.display()))?;
    }
    Ok(directory)
}

/// Where `initdb` and `postgres` are.
///
/// # Errors
///
/// They are nowhere.
pub fn binaries() -> Result<PathBuf> {
    let installed = Command::new("pg_config").arg("--bindir").output().ok();
    let installed = installed.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let given = std::env::var_os("MIGRATE_PG_BIN").map(PathBuf::from);
    let mut found =
        given.into_iter().chain(installed).chain(debian).filter(|bin| bin.join("initdb").exists());
    found.next().ok_or_else(|| "PostgreSQL was not found; set MIGRATE_PG_BIN to where initdb is".into())
}

fn initdb(binaries: &Path, owner: Option<(u32, u32)>, cluster: &Path) -> Result<()> {
    let mut command = as_owner(&binaries.join("initdb"), owner);
    command
        .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(cluster);
    let output = command.output().map_err(context("initdb"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
}

/// A program that is to run as that user.
pub fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn version(binaries: &Path) -> Result<String> {
    let output =
        Command::new(binaries.join("postgres")).arg("--version").output().map_err(context("postgres"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let number = version.split_whitespace().nth(2).unwrap_or_default();
    Ok(format!("PostgreSQL {number}"))
}
