use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::index::{Content, Index};
use crate::system::account::Account;
use crate::system::file::{file_error, open, open_private};

/// The size of a memory page. Zeros at a file's end are left out in units of it.
const PAGE: usize = 4096;

/// Files that a server creates when it starts.
const LEFT_OUT: [&str; 3] = ["postmaster.pid", "postmaster.opts", "pg_internal.init"];

/// Writes the cluster of a stopped server into one file. The file gets its name when it is complete.
pub(crate) fn pack(data: &Path, to: &Path, account: &Account) -> Result<()> {
    let mut packing = Packer::start(data, account.uid());
    packing.directory("")?;
    // Files that the server reads while it starts come first, the databases last.
    packing
        .index
        .contents
        .sort_by_key(|content| content.files.first().is_some_and(|file| file.starts_with("base/")));
    // A lock allows one process at a time. This replaces the rest that a killed process left.
    let unfinished = to.with_extension("unfinished");
    packing.write(&unfinished).map_err(file_error("write", &unfinished))?;
    fs::rename(&unfinished, to).map_err(file_error("rename", to))
}

struct Packer<'a> {
    data: &'a Path,
    owner: u32,
    index: Index,
    bytes: Vec<u8>,
    /// By the name of a database's file, the positions of its contents in the index. Different databases have nearly
    /// the same files.
    known: HashMap<String, Vec<usize>>,
}

impl Packer<'_> {
    fn start(data: &Path, owner: u32) -> Packer<'_> {
        Packer { data, owner, index: Index::default(), bytes: Vec::new(), known: HashMap::new() }
    }

    fn directory(&mut self, below: &str) -> Result<()> {
        let directory = self.data.join(below);
        let mut names = Vec::new();
        for entry in fs::read_dir(&directory).map_err(file_error("read", &directory))? {
            names.push(entry.map_err(file_error("read", &directory))?.file_name());
        }
        // The same cluster gives the same image.
        names.sort();
        for name in names {
            let Some(name) = name.to_str().filter(|name| !name.contains(['\t', '\n'])) else {
                return Err(unsupported_file(&directory.join(&name)));
            };
            if !LEFT_OUT.contains(&name) {
                self.entry(&if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") })?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, name: &str) -> Result<()> {
        let path = self.data.join(name);
        let found = fs::symlink_metadata(&path).map_err(file_error("read", &path))?;
        if found.is_dir() {
            self.index.directories.push(name.to_owned());
            return self.directory(name);
        }
        let mut file = open(OpenOptions::new().read(true), &path).map_err(file_error("open", &path))?;
        let found = file.metadata().map_err(file_error("read", &path))?;
        // A file that the server's user linked there for root to read does not belong to the cluster.
        if !found.is_file() || found.uid() != self.owner {
            return Err(unsupported_file(&path));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(file_error("read", &path))?;
        self.content(name, bytes);
        Ok(())
    }

    fn content(&mut self, name: &str, mut bytes: Vec<u8>) {
        let size = bytes.len() as u64;
        // By pages, which is fast in an unoptimised build too.
        let zeros = [0; PAGE];
        let used = bytes.chunks(PAGE).rposition(|page| zeros.get(..page.len()) != Some(page));
        bytes.truncate(used.map_or(0, |page| (page + 1) * PAGE));
        // Files outside of the databases are needed before the server starts.
        let relation = name.starts_with("base/").then(|| name.rsplit('/').next().unwrap_or(name).to_owned());
        let (known, index) = (&mut self.known, &mut self.index);
        let known = relation.map(|relation| known.entry(relation).or_default());
        for at in known.iter().flat_map(|known| known.iter()) {
            if let Some(content) = index.contents.get_mut(*at)
                && content.size == size
                && stored(&self.bytes, content) == Some(&bytes)
            {
                content.files.push(name.to_owned());
                return;
            }
        }
        if let Some(known) = known {
            known.push(index.contents.len());
        }
        let (offset, kept) = (self.bytes.len() as u64, bytes.len());
        self.bytes.append(&mut bytes);
        index.contents.push(Content { offset, kept, size, files: vec![name.to_owned()] });
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let index = self.index.to_string();
        let file = open_private(OpenOptions::new().write(true).truncate(true), path)?;
        let mut out = BufWriter::new(file);
        writeln!(out, "{} {} {}", super::unpack::MAGIC, index.len(), self.bytes.len())?;
        out.write_all(index.as_bytes())?;
        out.write_all(&self.bytes)?;
        // Not synced: that may take longer than all the rest. After a crash of the machine the file is too short, and
        // is not used.
        out.flush()
    }
}

fn stored<'a>(bytes: &'a [u8], content: &Content) -> Option<&'a [u8]> {
    let start = usize::try_from(content.offset).ok()?;
    bytes.get(start..start + content.kept)
}

fn unsupported_file(path: &Path) -> Error {
    Error::new(ErrorKind::Unsupported, "a cluster with this file can't become an image")
        .at(Place::file(path.display().to_string()))
        .help("an image can't contain links, devices, or files of other users; tablespaces need a server of their own")
}
