use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{collections::HashMap, thread};

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};

use super::index::{Content, Index};
use crate::system::account::Account;
use crate::system::file::{file_error, open};

/// The first word of an image, with the version of the format.
pub(super) const MAGIC: &str = "migrate-image-1";

/// More threads would wait for each other in the kernel.
const THREADS: usize = 4;

/// A cluster in one file.
#[derive(Debug)]
pub(crate) struct Image {
    path: PathBuf,
    file: File,
    index: Index,
    /// The offset of the contents in bytes.
    start: u64,
}

impl Image {
    /// Opens an image; `None` if it does not exist, is incomplete, or has another format.
    pub(crate) fn open(path: &Path) -> Result<Option<Image>> {
        match open(OpenOptions::new().read(true), path) {
            Ok(file) => Image::read(path, file).map_err(file_error("read", path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("open", path)(error)),
        }
    }

    fn read(path: &Path, file: File) -> io::Result<Option<Image>> {
        let (mut line, mut reader) = (String::new(), BufReader::new(&file));
        // Another kind of file may have no end of line.
        reader.by_ref().take(100).read_line(&mut line)?;
        let Some((length, bytes)) = sizes(&line) else { return Ok(None) };
        let start = line.len() as u64 + length;
        if file.metadata()?.len() != start + bytes {
            return Ok(None);
        }
        let mut text = String::new();
        reader.take(length).read_to_string(&mut text)?;
        let Some(index) = Index::parse(&text) else { return Ok(None) };
        Ok(Some(Image { path: path.to_owned(), file, index, start }))
    }

    /// Creates the cluster in a new directory. `started` is called when everything but the databases is there: a
    /// server may start then.
    pub(crate) fn unpack(&self, to: &Path, account: &Account, started: impl FnOnce()) -> Result<()> {
        self.fill(to, account, started).map_err(|error| {
            Error::new(ErrorKind::File, format!("can't unpack an image into {}", to.display()))
                .at(Place::file(self.path.display().to_string()))
                .caused_by(error)
        })
    }

    fn fill(&self, to: &Path, account: &Account, started: impl FnOnce()) -> io::Result<()> {
        let tree = Tree::make(to, &self.index.directories, account)?;
        let databases = |content: &Content| content.files.iter().any(|file| file.starts_with("base/"));
        let begin = self.index.contents.iter().position(databases).unwrap_or(self.index.contents.len());
        let (first, rest) = self.index.contents.split_at(begin);
        let next = AtomicUsize::new(0);
        self.take(&tree, first, &next)?;
        started();
        let next = AtomicUsize::new(0);
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        thread::scope(|scope| {
            let others: Vec<_> =
                (1..threads).map(|_| scope.spawn(|| self.take(&tree, rest, &next))).collect();
            let own = self.take(&tree, rest, &next);
            let ended = |thread: thread::ScopedJoinHandle<'_, io::Result<()>>| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")))
            };
            others.into_iter().map(ended).fold(own, io::Result::and)
        })
    }

    /// Writes contents that no other thread has taken, one after the other.
    fn take(&self, tree: &Tree<'_>, contents: &[Content], next: &AtomicUsize) -> io::Result<()> {
        let mut bytes = Vec::new();
        while let Some(content) = contents.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes.resize(content.kept, 0);
            self.file.read_exact_at(&mut bytes, self.start + content.offset)?;
            content.files.iter().try_for_each(|file| tree.write(file, &bytes, content.size))?;
        }
        Ok(())
    }
}

/// The lengths of the index and of the contents, in bytes.
fn sizes(line: &str) -> Option<(u64, u64)> {
    let mut words = line.strip_suffix('\n')?.split(' ');
    let is_image = words.next()? == MAGIC;
    let sizes = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (is_image && words.next().is_none()).then_some(sizes)
}

/// The open directories. The server's user may change their content, and root must not follow a link there.
struct Tree<'a> {
    open: HashMap<&'a str, OwnedFd>,
    account: &'a Account,
}

impl<'a> Tree<'a> {
    fn make(to: &Path, directories: &'a [String], account: &'a Account) -> io::Result<Tree<'a>> {
        mkdirat(CWD, to, Mode::RWXU)?;
        let root = openat(CWD, to, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        account.give_file(&root)?;
        let mut tree = Tree { open: HashMap::from([("", root)]), account };
        for directory in directories {
            let (parent, name) = tree.place(directory)?;
            mkdirat(parent, name, Mode::RWXU)?;
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let created = openat(parent, name, flags, Mode::empty())?;
            account.give_file(&created)?;
            tree.open.insert(directory, created);
        }
        Ok(tree)
    }

    fn place<'b>(&self, path: &'b str) -> io::Result<(&OwnedFd, &'b str)> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.open.get(parent).ok_or(io::ErrorKind::NotFound)?;
        Ok((parent, name))
    }

    fn write(&self, path: &str, bytes: &[u8], size: u64) -> io::Result<()> {
        let (parent, name) = self.place(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(parent, name, flags, Mode::RUSR | Mode::WUSR)?);
        file.write_all(bytes)?;
        if size > bytes.len() as u64 {
            file.set_len(size)?;
        }
        self.account.give_file(&file)
    }
}
