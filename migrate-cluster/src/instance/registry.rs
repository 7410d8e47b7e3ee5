use std::fs::{self, File};

use embed_migrate_core::{Error, ErrorKind, Result};

use super::instance_record::InstanceRecord;
use super::name;
use crate::server::program_context::ProgramContext;
use crate::state::server_directory::ServerDirectory;
use crate::state::state_directory::StateDirectory;
use crate::system::account::Account;
use crate::system::file::file_error;

/// An instance that is found in a state directory.
pub(crate) struct FoundInstance {
    pub(crate) name: String,
    pub(crate) directory: ServerDirectory,
    pub(crate) record: InstanceRecord,
}

impl StateDirectory {
    /// The names in the directory of instances, sorted; some of them may be no instances.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let place = self.instances();
        let mut names = Vec::new();
        for entry in fs::read_dir(&place).map_err(file_error("read", &place))? {
            names.extend(entry.map_err(file_error("read", &place))?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// The instance of this name; `None` if there is none, or if its creation was interrupted.
    pub(crate) fn find(&self, name: &str) -> Result<Option<FoundInstance>> {
        let path = self.instances().join(name);
        if name::check(name).is_err() || !path.is_dir() {
            return Ok(None);
        }
        let Some(record) = InstanceRecord::read(&path)? else { return Ok(None) };
        // `ServerDirectory::open` would create missing files: another process may be deleting the instance at this moment.
        // The server's working directory, by which it is found, has no links in its path.
        let Ok(path) = path.canonicalize() else { return Ok(None) };
        let directory = ServerDirectory::existing(path);
        if record.unfinished && !directory.is_locked()? {
            return Ok(None);
        }
        Ok(Some(FoundInstance { name: name.to_owned(), directory, record }))
    }

    /// All instances whose record can be read, by name.
    pub(crate) fn found(&self) -> Result<Vec<FoundInstance>> {
        Ok(self.names()?.iter().filter_map(|name| self.find(name).ok().flatten()).collect())
    }

    /// The instances whose record can't be read, by name, and why.
    pub(crate) fn damaged(&self) -> Result<Vec<(String, Error)>> {
        let names = self.names()?.into_iter();
        Ok(names.filter_map(|name| self.find(&name).err().map(|error| (name, error))).collect())
    }

    /// The ports of all instances, each with the instance's name.
    pub(crate) fn ports(&self) -> Result<Vec<(u16, String)>> {
        Ok(self.found()?.into_iter().map(|found| (found.record.port, found.name)).collect())
    }

    /// The error for an instance that does not exist.
    pub(crate) fn absent(&self, name: &str) -> Error {
        let error = Error::new(ErrorKind::NotFound, format!("there is no instance `{name}`"));
        let names: Vec<String> =
            self.found().unwrap_or_default().iter().map(|found| format!("`{}`", found.name)).collect();
        match names.is_empty() {
            true => error.help(format!("there are none in {}", self.path.display())),
            false => error.help(format!("there are {}", names.join(", "))),
        }
    }

    /// What programs need to work on the instance of a directory, whose lock this process holds.
    pub(crate) fn context(&self, directory: ServerDirectory, lock: File) -> ProgramContext {
        let (installation, account) = (self.installation.clone(), Account::of(directory.path()));
        ProgramContext { installation, account, directory, lock, throwaway: false, shared: false }
    }
}
