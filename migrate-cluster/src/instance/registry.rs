use std::fs::{self, File};

use migrate_core::{Error, ErrorKind, Result};

use super::instance_record::Terms;
use super::name;
use crate::server::program_context::Site;
use crate::state::server_directory::State;
use crate::state::state_directory::StateDirectory;
use crate::system::account::Account;
use crate::system::file::refused;

/// An instance that is found in a state directory.
pub(crate) struct FoundInstance {
    pub(crate) name: String,
    pub(crate) directory: State,
    pub(crate) record: Terms,
}

impl StateDirectory {
    /// The names in the directory of instances, sorted; some of them may be no instances.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let place = self.instances();
        let mut names = Vec::new();
        for entry in fs::read_dir(&place).map_err(refused("read", &place))? {
            names.extend(entry.map_err(refused("read", &place))?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// The instance of this name; `None` if there is none, or if its creation was interrupted.
    pub(crate) fn find(&self, name: &str) -> Result<Option<FoundInstance>> {
        let path = self.instances().join(name);
        if name::admit(name).is_err() || !path.is_dir() {
            return Ok(None);
        }
        let Some(record) = Terms::read(&path)? else { return Ok(None) };
        // `State::open` would create missing files: another process may be deleting the instance at this moment.
        // The server's working directory, by which it is found, has no links in its path.
        let Ok(path) = path.canonicalize() else { return Ok(None) };
        let directory = State::made(path);
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
    pub(crate) fn context(&self, directory: State, lock: File) -> Site {
        let (installation, account) = (self.installation.clone(), Account::of(directory.path()));
        Site { installation, account, state: directory, lock, throwaway: false, shared: false }
    }
}
