use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use super::flavor::Flavor;
use crate::server::listen_address;
use crate::server::listen_address::{LOOPBACK, ListenAddress};
use crate::server::profile::Profile;
use crate::system::record::Record;

/// What an instance's directory records about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceRecord {
    pub(crate) flavor: Flavor,
    /// In GB.
    pub(crate) volume: u64,
    pub(crate) port: u16,
    pub(crate) listen: Vec<ListenAddress>,
    /// In seconds since 1970.
    pub(crate) created: u64,
    /// It is being created. If no process works on it, the creation was interrupted.
    pub(crate) unfinished: bool,
}

impl InstanceRecord {
    fn path(directory: &Path) -> PathBuf {
        directory.join("instance")
    }

    /// Reads the record of an instance; `None` if the directory has none.
    pub(crate) fn read(directory: &Path) -> Result<Option<InstanceRecord>> {
        let path = InstanceRecord::path(directory);
        let Some(record) = Record::read(&path)? else { return Ok(None) };
        Ok(Some(InstanceRecord {
            flavor: record.value("flavor", &path)?,
            volume: record.value("volume", &path)?,
            port: record.value("port", &path)?,
            // Records of older releases do not have it.
            listen: record.values("listen", &path)?.unwrap_or_else(|| vec![LOOPBACK]),
            created: record.value("created", &path)?,
            unfinished: record.get("unfinished").is_some(),
        }))
    }

    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        let InstanceRecord { flavor, volume, port, listen, created, unfinished } = self;
        let record = Record::default().with("flavor", flavor).with("volume", volume);
        let record =
            record.with("port", port).with("listen", listen_address::list(listen)).with("created", created);
        let record = if *unfinished { record.with("unfinished", "yes") } else { record };
        record.write(&InstanceRecord::path(directory))
    }

    /// The profile to run the server with.
    pub(crate) fn profile(&self) -> Profile {
        let profile = Profile { listen: self.listen.clone(), ..Profile::durable().port(self.port) };
        self.flavor
            .settings()
            .into_iter()
            .fold(profile, |profile, (name, value)| profile.setting(name, value))
    }
}
