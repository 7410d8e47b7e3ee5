use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

/// A pgbouncer before the shared server, on a socket of its own; killed when dropped.
pub struct PgBouncer {
    directory: TempDir,
    _process: Child,
}

const PORT: u16 = 6432;

impl PgBouncer {
    /// Starts one that pools by `transaction` or `session`, with this many connections to the server.
    pub async fn start(server: &Config, mode: &str, size: usize) -> PgBouncer {
        let directory = tempfile::tempdir().unwrap();
        let host = match &server.get_hosts()[0] {
            Host::Tcp(host) => host.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let port = server.get_ports().first().copied().unwrap_or(5432);
        let path = directory.path().display();
        let ini = format!(
            "[databases]\n* = host={host} port={port} user=postgres\n[pgbouncer]\nlisten_port = {PORT}\nunix_socket_dir = {path}\n\
             auth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\nmin_pool_size = {size}\nmax_client_conn = 200\n\
             logfile = {path}/log\nserver_round_robin = 1\n"
        );
        fs::write(directory.path().join("ini"), ini).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(program());
        command
            .arg("-q")
            .arg(directory.path().join("ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        // It refuses to run as root, as the server does.
        if fs::metadata(directory.path()).unwrap().uid() == 0 {
            let owner = fs::metadata(host).unwrap();
            chown(directory.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
            command.uid(owner.uid()).gid(owner.gid());
        }
        let bouncer = PgBouncer { directory, _process: command.spawn().expect("pgbouncer: run ./setup") };
        bouncer.ready(server).await;
        bouncer
    }

    /// The same database, through the pooler.
    pub fn config(&self, direct: &Config) -> Config {
        let mut config = Config::new();
        config
            .host_path(self.directory.path())
            .port(PORT)
            .user("postgres")
            .dbname(direct.get_dbname().unwrap());
        config
    }

    async fn ready(&self, server: &Config) {
        let started = Instant::now();
        while let Err(error) = self.config(server).connect(NoTls).await {
            assert!(started.elapsed() < Duration::from_secs(10), "pgbouncer does not answer: {error}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn program() -> &'static str {
    // Debian puts it where only root's PATH looks.
    let usual = [
        "/usr/sbin/pgbouncer",
        "/usr/bin/pgbouncer",
        "/usr/local/bin/pgbouncer",
        "/opt/homebrew/bin/pgbouncer",
    ];
    usual.into_iter().find(|path| std::path::Path::new(path).exists()).unwrap_or("pgbouncer")
}
