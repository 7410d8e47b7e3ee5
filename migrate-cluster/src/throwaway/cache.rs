use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use migrate_core::{Checksum, Error, ErrorKind, Place, Result};

use crate::image::Image;
use crate::program::installation::Installation;
use crate::server::initdb::ARGUMENTS;
use crate::server::profile::Profile;
use crate::system::file::{above, file_error, make_all, make_private, open_private};
use crate::system::poll::PollTimer;

/// How many images are kept: those that were used last.
const IMAGES: usize = 12;

/// How long to wait for another process that makes the same image or starts the same server.
const WAIT: Duration = Duration::from_secs(600);

/// A private directory for what outlives a run: images, and where shared servers are.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    path: PathBuf,
}

impl Cache {
    /// The profile's directory; `None` where it can't be used: all works without it, only slower.
    pub(crate) fn open(profile: &Profile) -> Option<Cache> {
        Cache::find(profile).ok()
    }

    /// The same, or why it can't be: it can't be made, or somebody else can write there.
    pub(crate) fn find(profile: &Profile) -> Result<Cache> {
        let user = rustix::process::geteuid().as_raw();
        let default = || PathBuf::from(format!("/var/tmp/migrate-{user}"));
        let path = profile.cache.clone().unwrap_or_else(default);
        let made = make_all(above(&path), 0o755).and_then(|()| make_private(&path));
        made.and_then(|_| fs::symlink_metadata(&path).map_err(file_error("read", &path))).and_then(|found| {
            let mode = found.mode() & 0o7777;
            let fault = match () {
                () if !found.is_dir() => "is no directory".to_owned(),
                () if found.uid() != user => format!("belongs to another user, number {}", found.uid()),
                () if mode & 0o022 != 0 => format!("can be written by others (mode {mode:o})"),
                () => return Ok(Cache { path: path.clone() }),
            };
            Err(Error::new(ErrorKind::File, format!("the directory for what outlives a run {fault}"))
                .at(Place::file(path.display().to_string())))
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The image of that name, marked as used just now.
    pub(crate) fn image(&self, name: &str) -> Result<Option<Image>> {
        let path = self.image_path(name);
        let image = Image::open(&path)?;
        if image.is_some() {
            // Only so that it is not the next to go.
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

    /// Takes the lock of that name, which goes with the file or with this process.
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

    /// Removes the images that were not used for longest.
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
            // Whoever has it open reads on; what can't be removed is tried again next time.
            let _ = fs::remove_file(path).and_then(|()| fs::remove_file(path.with_extension("lock")));
        }
    }
}

impl Profile {
    /// Why that directory can't be used, so that each server starts from nothing, which takes several times as long;
    /// `None` where all is well.
    pub fn cache_error(&self) -> Option<Error> {
        Cache::find(self).err()
    }
}

/// What the cluster of an installation depends on: its programs, by place, size and time of the server's, and how
/// `initdb` is called. To ask the server for its version would take a quarter of a start.
pub(crate) fn base_name(installation: &Installation) -> Result<String> {
    let program = installation.program("postgres")?;
    let found = fs::metadata(&program).map_err(file_error("read", &program))?;
    let (size, time, nanoseconds) = (found.size(), found.mtime(), found.mtime_nsec());
    Ok(digest_word(&format!("{}\n{size} {time}.{nanoseconds}\n{ARGUMENTS:?}", program.display())))
}

/// 16 hexadecimal digits that stand for a text.
pub(crate) fn digest_word(text: &str) -> String {
    Checksum::of(text).to_string().chars().skip("sha256:".len()).take(16).collect()
}

fn lock_timeout(path: &Path) -> Error {
    Error::new(ErrorKind::Instance, format!("another process has held a lock for {WAIT:?}"))
        .at(Place::file(path.display().to_string()))
        .help("it makes a cluster for tests, or starts a server for them: see what it waits for, or end it")
}
