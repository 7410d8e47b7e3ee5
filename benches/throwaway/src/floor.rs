//! The least that it takes: a slim cluster from one file, the server started by hand, no guard, nothing checked.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, chown, fchown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use harness::{Result, as_owner, binaries, context, owner};
use rustix::process::{Pid, Signal, kill_process};

use crate::floor_client::FloorClient;

/// The settings of ours, so that none is the reason for a difference.
const SETTINGS: [&str; 12] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "shared_buffers=16MB",
    "max_connections=200",
    "dynamic_shared_memory_type=mmap",
    "listen_addresses=",
    "wal_recycle=off",
];

/// A slim cluster in one file.
pub(crate) struct Image {
    file: File,
    directories: Vec<String>,
    /// Those that the server starts with first, then the databases': path, offset, length.
    files: Vec<(String, u64, usize)>,
    first: usize,
    owner: Option<(u32, u32)>,
    postgres: PathBuf,
}

/// A server of one.
pub(crate) struct FloorServer {
    child: Child,
    pub(crate) directory: PathBuf,
}

impl Image {
    /// Makes a cluster with one database `app`, in which the SQL was run, and nothing that is not needed.
    pub(crate) fn make(sql: &str, scratch: &Path, name: &str) -> Result<Image> {
        let (owner, binaries) = (owner()?, binaries()?);
        let directory = fresh(&format!("making-{name}"), owner)?;
        let data = directory.join("data");
        let mut initdb = as_owner(&binaries.join("initdb"), owner);
        initdb.args(["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let output =
            initdb.arg("--wal-segsize=1").arg("-D").arg(&data).output().map_err(context("initdb"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let mut running = FloorServer { child: start(&binaries.join("postgres"), owner, &directory)?, directory };
        let mut wire = running.ready("template1")?;
        for sql in [
            "CREATE DATABASE app",
            "ALTER DATABASE template0 IS_TEMPLATE false",
            "DROP DATABASE template0",
            "DROP DATABASE postgres",
        ] {
            wire.run(sql)?;
        }
        FloorClient::connect(&running.directory, "app")?.run(sql)?;
        wire.run("CHECKPOINT")?;
        drop(wire);
        kill_process(Pid::from_child(&running.child), Signal::INT)?;
        running.child.wait()?;
        let (mut directories, mut files) = (Vec::new(), Vec::new());
        list(&data, "", &mut directories, &mut files)?;
        files.sort_by_key(|file| file.starts_with("base/"));
        let first = files.iter().position(|file| file.starts_with("base/")).unwrap_or(files.len());
        let path = scratch.join(name);
        let (mut out, mut offset, mut indexed) = (File::create(&path)?, 0, Vec::new());
        for file in files {
            let bytes = fs::read(data.join(&file))?;
            out.write_all(&bytes)?;
            indexed.push((file, offset, bytes.len()));
            offset += bytes.len() as u64;
        }
        fs::remove_dir_all(&running.directory)?;
        let (file, postgres) = (File::open(&path)?, binaries.join("postgres"));
        Ok(Image { file, directories, files: indexed, first, owner, postgres })
    }

    /// Unpacks it and starts the server, which reads no database before somebody connects.
    pub(crate) fn start(&self, name: &str) -> Result<FloorServer> {
        let directory = fresh(name, self.owner)?;
        let data = directory.join("data");
        make(&data, self.owner)?;
        for below in &self.directories {
            make(&data.join(below), self.owner)?;
        }
        let (first, rest) = self.files.split_at(self.first);
        self.unpack(first, &data)?;
        let child = start(&self.postgres, self.owner, &directory)?;
        let (one, other) = rest.split_at(rest.len() / 2);
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| self.unpack(other, &data));
            self.unpack(one, &data)?;
            thread.join().unwrap_or_else(|_| Err("a thread ended".into()))
        })?;
        Ok(FloorServer { child, directory })
    }

    fn unpack(&self, files: &[(String, u64, usize)], data: &Path) -> Result<()> {
        let mut bytes = Vec::new();
        for (path, offset, length) in files {
            bytes.resize(*length, 0);
            self.file.read_exact_at(&mut bytes, *offset)?;
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(data.join(path))?;
            file.write_all(&bytes)?;
            if let Some((user, group)) = self.owner {
                fchown(&file, Some(user), Some(group))?;
            }
        }
        Ok(())
    }
}

impl FloorServer {
    /// Connects as soon as the server lets somebody in.
    pub(crate) fn ready(&mut self, database: &str) -> Result<FloorClient> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match FloorClient::connect(&self.directory, database) {
                Ok(wire) => return Ok(wire),
                Err(error) if Instant::now() > deadline || self.child.try_wait()?.is_some() => {
                    return Err(error);
                }
                Err(_) => std::thread::sleep(Duration::from_micros(500)),
            }
        }
    }

    /// Ends the server at once, and removes its directory.
    pub(crate) fn end(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::QUIT)?;
        self.child.wait()?;
        fs::remove_dir_all(&self.directory)?;
        Ok(())
    }
}

fn start(postgres: &Path, owner: Option<(u32, u32)>, directory: &Path) -> Result<Child> {
    let mut command = as_owner(postgres, owner);
    command.arg("-D").arg(directory.join("data")).args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    command.arg("-k").arg(directory).stderr(Stdio::null());
    command.spawn().map_err(context("postgres"))
}

fn fresh(name: &str, owner: Option<(u32, u32)>) -> Result<PathBuf> {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory } else { Path::new("/tmp") };
    let directory = parent.join(format!("floor-{}-{name}", std::process::id()));
    make(&directory, owner)?;
    Ok(directory)
}

fn make(directory: &Path, owner: Option<(u32, u32)>) -> Result<()> {
    DirBuilder::new().mode(0o700).create(directory).map_err(context(directory.display()))?;
    if let Some((user, group)) = owner {
        chown(directory, Some(user), Some(group))?;
    }
    Ok(())
}

fn list(data: &Path, below: &str, directories: &mut Vec<String>, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(data.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            directories.push(path.clone());
            list(data, &path, directories, files)?;
        } else if !path.ends_with("pg_internal.init") && !path.starts_with("postmaster") {
            files.push(path);
        }
    }
    Ok(())
}
