use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::listen_addresses::ListenAddresses;
use crate::pg_hba::block::{Block, BlockFormat};
use crate::pg_hba::hba_file::HbaFile;
use crate::pg_hba::host::Host;
use crate::server::server_error::server_error;

/// The rules in `pg_hba.conf` of a running instance that `migrate` made, on this machine.
#[derive(Debug)]
pub(crate) struct HostRules {
    pub(super) file: HbaFile,
}

// The same paths may exist on another machine. Only the content of a file of the server shows that it is this
// machine.
const WHERE: &str = "SELECT pg_catalog.current_setting('data_directory'), pg_catalog.current_setting('hba_file'), \
    pg_catalog.pg_read_file('postmaster.pid'), \
    pg_catalog.current_setting('server_version_num')::pg_catalog.int4";

impl HostRules {
    /// The file of the server that a client is connected to.
    ///
    /// # Errors
    ///
    /// `Unsupported` if that is no instance that `migrate` made, runs on another machine, or the client is no
    /// superuser.
    pub(crate) async fn of(client: &Client) -> Result<HostRules> {
        HostRules::find(client).await?.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "can't set the hosts of users on this server")
                .note(
                    "they are kept in `pg_hba.conf`, which can be written only by a superuser of an instance that \
                     `migrate` made, on the machine where it runs",
                )
                .help("if another program runs the server, change `pg_hba.conf` as that program requires")
        })
    }

    /// The same; `None` instead of an error.
    pub(crate) async fn find(client: &Client) -> Result<Option<HostRules>> {
        let row = match client.query_typed_one(WHERE, &[]).await {
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => return Ok(None),
            row => row,
        };
        let read = row.and_then(|row| {
            let (data, file): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok((PathBuf::from(data), PathBuf::from(file), row.try_get::<_, String>(2)?, row.try_get(3)?))
        });
        let (data, file, pid, server) =
            read.map_err(server_error("can't ask where the server's files are"))?;
        let seen = fs::read_to_string(data.join("postmaster.pid"));
        let is_local_instance = seen.is_ok_and(|seen| seen == pid)
            && file == data.join("pg_hba.conf")
            && data.file_name().is_some_and(|name| name == "data")
            && data.parent().is_some_and(|state| state.join("lock").is_file());
        if !is_local_instance {
            return Ok(None);
        }
        let open = ListenAddresses::of(client).await?.is_open();
        Ok(Some(HostRules { file: HbaFile { data, format: BlockFormat { server, open } } }))
    }

    /// The instance's directory.
    pub(crate) fn directory(&self) -> &Path {
        self.file.data.parent().unwrap_or(&self.file.data)
    }

    /// The hosts of all users that have some.
    pub(crate) fn read(&self) -> Result<BTreeMap<String, Vec<Host>>> {
        let Block(hosts) = Block::split(&self.file.text()?)?.0;
        Ok(hosts)
    }
}
