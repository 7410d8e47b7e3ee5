use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use super::pid_file::PidFile;
use super::server_error::{code, is_closed};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    /// The directory of its Unix socket.
    pub(crate) socket: PathBuf,
    /// Part of the socket's name, and the TCP port if it listens there.
    pub(crate) port: u16,
    pub(crate) tcp: bool,
}

/// The databases that every cluster has, to connect to for other work.
pub(crate) const MAINTENANCE_DATABASES: [&str; 2] = ["postgres", "template1"];

impl ServerAddress {
    pub(crate) fn of(file: &PidFile) -> ServerAddress {
        ServerAddress { socket: file.socket.clone(), port: file.port, tcp: file.tcp }
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

    /// A database to connect to, once the server accepts connections; `None` before.
    ///
    /// A dropped database, no free connection, or a rule that rejects us are answers too: the server runs.
    pub(crate) async fn maintenance_database(&self) -> Option<&'static str> {
        let [default, ..] = MAINTENANCE_DATABASES;
        for maintenance_database in MAINTENANCE_DATABASES {
            let Err(error) = self.connect(maintenance_database).await else {
                return Some(maintenance_database);
            };
            match code(&error) {
                None => return None,
                Some(code) if PASSING.contains(code) => return None,
                Some(_) if is_closed(&error) => {}
                Some(_) => return Some(default),
            }
        }
        Some(default)
    }

    /// Connects to a database; the connection ends with the client.
    pub(crate) async fn connect(&self, database: &str) -> Result<Client> {
        let (client, connection) =
            self.config(database).connect(NoTls).await.map_err(|error| unconnected(database, error))?;
        // An error of the connection shows in the client's next call.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }
}

/// The errors of a server that is starting, recovering or stopping.
const PASSING: [SqlState; 3] =
    [SqlState::CANNOT_CONNECT_NOW, SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];

fn unconnected(database: &str, cause: tokio_postgres::Error) -> Error {
    let clause = format!("can't connect to database `{database}`");
    if cause.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) {
        return Error::new(ErrorKind::Connect, format!("{clause}: all connections of the server are in use"))
            .help("end some sessions, or give the instance a larger flavor (`cargo migrate instance resize`)")
            .caused_by(cause);
    }
    Error::new(ErrorKind::Connect, clause).caused_by(cause)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
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
        let address = ServerAddress { socket, port: 6001, tcp: false };
        let parsed: Config = address.url("a/b?c \"d\"").parse().unwrap();
        let config = address.config("a/b?c \"d\"");
        assert_eq!(parsed.get_hosts(), config.get_hosts());
        assert_eq!(parsed.get_ports(), config.get_ports());
        assert_eq!(parsed.get_user(), config.get_user());
        assert_eq!(parsed.get_dbname(), config.get_dbname());
    }
}
