use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use embed_migrate_core::{Checksum, Error, ErrorKind, Place, Result};

use crate::image::Image;
use crate::program::installation::Installation;
use crate::server::initdb::ARGUMENTS;
use crate::server::profile::Profile;
use crate::system::file::{above, file_error, make_all, make_private, open_private};
use crate::system::poll::PollTimer;

/// How many images are kept: the most recently used ones.
const IMAGES: usize = 12;

/// How long to wait for another process that creates the same image or starts the same server.
const WAIT: Duration = Duration::from_secs(600);

/// A private directory for files that outlive a run: images, and the directories of shared servers.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    path: PathBuf,
}

impl Cache {
    /// The profile's directory; `None` if it can't be used: everything works without it, but slower.
    pub(crate) fn open(profile: &Profile) -> Option<Cache> {
        Cache::find(profile).ok()
    }

    /// The same, or the reason: it can't be created, or another user can write to it.
    pub(crate) fn find(profile: &Profile) -> Result<Cache> {
        let user = rustix::process::geteuid().as_raw();
        let default = || PathBuf::from(format!("/var/tmp/migrate-{user}"));
        let path = profile.cache.clone().unwrap_or_else(default);
        let created = make_all(above(&path), 0o755).and_then(|()| make_private(&path));
        created.and_then(|_| fs::symlink_metadata(&path).map_err(file_error("read", &path))).and_then(
            |found| {
                let mode = found.mode() & 0o7777;
                let fault = match () {
                    () if !found.is_dir() => "is not a directory".to_owned(),
                    () if found.uid() != user => format!("belongs to another user, with id {}", found.uid()),
                    () if mode & 0o022 != 0 => format!("can be written by others (mode {mode:o})"),
                    () => return Ok(Cache { path: path.clone() }),
                };
                Err(Error::new(ErrorKind::File, format!("the cache directory {fault}"))
                    .at(Place::file(path.display().to_string())))
            },
        )
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The image with this name. Opening it marks it as recently used.
    pub(crate) fn image(&self, name: &str) -> Result<Option<Image>> {
        let path = self.image_path(name);
        let image = Image::open(&path)?;
        if image.is_some() {
            // If this fails, the image may only be removed earlier.
            let _ = File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
        Ok(image)
    }

    pub(crate) fn image_path(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.image"))
    }

    /// Takes the lock with this name. It is released with the file or the process.
    pub(crate) async fn lock(&self, name: &str) -> Result<File> {
        let path = self.path.join(format!("{name}.lock"));
        let file = open_private(OpenOptions::new().write(true), &path).map_err(file_error("open", &path))?;
        let mut timer = PollTimer::new(WAIT);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if timer.wait().await => {}
                Err(TryLockError::WouldBlock) => return Err(lock_timeout(&path)),
                Err(TryLockError::Error(error)) => return Err(file_error("lock", &path)(error)),
            }
        }
    }

    /// Removes the least recently used images.
    pub(crate) fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        let mut images: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "image"))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        images.sort();
        for (_, path) in images.iter().rev().skip(IMAGES) {
            // A process that has the image open can still read it. If the removal fails, the next one tries again.
            let _ = fs::remove_file(path).and_then(|()| fs::remove_file(path.with_extension("lock")));
        }
    }
}

impl Profile {
    /// The reason why the cache directory can't be used; `None` if it can. Without a cache, each server starts from
    /// nothing, which takes several times as long.
    pub fn cache_error(&self) -> Option<Error> {
        Cache::find(self).err()
    }
}

/// A name for what a new cluster depends on: the path, size and time of the `postgres` program, and the arguments of
/// `initdb`. Asking the program for its version would take a quarter of a start.
pub(crate) fn base_name(installation: &Installation) -> Result<String> {
    let program = installation.program("postgres")?;
    let found = fs::metadata(&program).map_err(file_error("read", &program))?;
    let (size, time, nanoseconds) = (found.size(), found.mtime(), found.mtime_nsec());
    Ok(digest_word(&format!("{}\n{size} {time}.{nanoseconds}\n{ARGUMENTS:?}", program.display())))
}

/// 16 hexadecimal digits of a text's checksum.
pub(crate) fn digest_word(text: &str) -> String {
    Checksum::of(text).to_string().chars().skip("sha256:".len()).take(16).collect()
}

fn lock_timeout(path: &Path) -> Error {
    Error::new(ErrorKind::Instance, format!("another process has held a lock for {WAIT:?}"))
        .at(Place::file(path.display().to_string()))
        .help("it creates a cluster or starts a server for tests: find out why it waits, or end it")
}
