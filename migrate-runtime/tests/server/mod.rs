//! A server for the tests of connections, with a `pg_hba.conf` and certificates of its own, which a
//! `embed_migrate_cluster::Throwaway` does without.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::fs::{self, Permissions};
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use embed_migrate_cluster::Installation;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::net::TcpSocket;

/// A server process in a directory of its own, stopped and removed when dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) directory: PathBuf,
    process: Child,
}

/// An authority that signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for these names, the first also as its common name, and its key; both PEM.
    pub(crate) fn sign(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(DnType::CommonName, names[0].as_str());
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A self-signed certificate as OpenSSL makes them, which calls itself an authority, and its key.
pub(crate) fn self_signed(name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// A directory that nobody else has; the caller removes it.
pub(crate) fn directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("migrate-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let directory = std::env::temp_dir().join(name);
    fs::create_dir(&directory).unwrap();
    directory
}

/// Writes a file that only its owner can read.
pub(crate) fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

/// A port on which nothing listens at the moment.
pub(crate) fn free_port() -> u16 {
    // It never listens: a process that starts meanwhile has a copy, and would keep the port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.local_addr().unwrap().port()
}

impl Server {
    /// A server with these lines in `postgresql.conf` and `pg_hba.conf`, and these other files of its own.
    pub(crate) fn start(conf: &str, hba: &str, files: &[(&str, &str)]) -> Server {
        let directory = directory();
        own(&directory);
        let data = directory.join("data");
        let options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-D"];
        let created = program("initdb").args(options).arg(&data).stdout(Stdio::null()).status().unwrap();
        assert!(created.success());
        let port = free_port();
        let always = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\n\
             shared_buffers = 16MB\nmax_connections = 10\nsuperuser_reserved_connections = 0\n",
            directory.display(),
        );
        for (name, text) in files.iter().copied().chain([("pg_hba.conf", hba)]) {
            write(&data.join(name), text);
            own(&data.join(name));
        }
        let file = data.join("postgresql.conf");
        fs::write(&file, format!("{}\n{always}{conf}\n", fs::read_to_string(&file).unwrap())).unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        let process = program("postgres").arg("-D").arg(&data).stderr(log).spawn().unwrap();
        let mut server = Server { port, directory, process };
        server.wait();
        server
    }

    /// The directory of its socket, which `pg_hba.conf` is to let in.
    pub(crate) fn socket(&self) -> &str {
        self.directory.to_str().unwrap()
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut log = String::new();
        while Instant::now() < deadline {
            log.clear();
            fs::File::open(self.directory.join("log")).unwrap().read_to_string(&mut log).unwrap();
            let listens = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
            if listens && log.contains("database system is ready to accept connections") {
                return;
            }
            assert!(self.process.try_wait().unwrap().is_none(), "the server ended: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start: {log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT: the postmaster takes its children along, which a SIGKILL would leave behind.
        let pid = self.process.id().to_string();
        let messages =
            Command::new("kill").args(["-QUIT", &pid]).status().is_ok_and(|status| status.success());
        if !messages {
            self.process.kill().ok();
        }
        self.process.wait().ok();
        fs::remove_dir_all(&self.directory).ok();
    }
}

/// One of PostgreSQL's programs, as an unprivileged user if we are root.
fn program(name: &str) -> Command {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let mut command = Command::new(installation.program(name).unwrap());
    command.stdin(Stdio::null()).current_dir("/");
    if let Some((uid, gid)) = unprivileged() {
        command.uid(uid).gid(gid);
    }
    command
}

fn own(path: &Path) {
    if let Some((uid, gid)) = unprivileged() {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
}

/// The user `postgres`, if we are root.
fn unprivileged() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with("postgres:")).expect("a user `postgres`");
    let ids: Vec<u32> = user.split(':').skip(2).take(2).map(|id| id.parse().unwrap()).collect();
    Some((ids[0], ids[1]))
}
