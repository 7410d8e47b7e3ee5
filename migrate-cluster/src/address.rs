use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::{Client, Config, NoTls};

use crate::pid_file::PidFile;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The directory of its Unix socket.
    pub(crate) socket: PathBuf,
    /// Part of the socket's name, and the TCP port if it listens there.
    pub(crate) port: u16,
    pub(crate) tcp: bool,
}

impl Address {
    pub(crate) fn of(file: &PidFile) -> Address {
        Address { socket: file.socket.clone(), port: file.port, tcp: file.tcp }
    }

    pub(crate) fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket).port(self.port).user("postgres").dbname(database);
        config
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let socket = encode(self.socket.as_os_str().as_bytes());
        format!("postgresql://postgres@{socket}:{}/{}", self.port, encode(database.as_bytes()))
    }

    /// Connects to a database; the connection ends with the client.
    pub(crate) async fn connect(&self, database: &str) -> Result<Client> {
        let (client, connection) = self.config(database).connect(NoTls).await.map_err(|error| {
            Error::new(ErrorKind::Connect, format!("can't connect to database `{database}`")).caused_by(error)
        })?;
        // What breaks it is the error of whatever the client does next.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }
}

/// Percent-encodes all but what RFC 3986 calls unreserved.
fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_the_same_as_the_config() {
        let socket = PathBuf::from("/srv/a b/%@:é");
        let address = Address { socket, port: 6001, tcp: false };
        let parsed: Config = address.url("a/b?c \"d\"").parse().unwrap();
        let config = address.config("a/b?c \"d\"");
        assert_eq!(parsed.get_hosts(), config.get_hosts());
        assert_eq!(parsed.get_ports(), config.get_ports());
        assert_eq!(parsed.get_user(), config.get_user());
        assert_eq!(parsed.get_dbname(), config.get_dbname());
    }
}
