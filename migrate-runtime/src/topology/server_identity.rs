use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::session::server_process::started;

/// Which database of which running server it is, under whatever name it was reached.
#[derive(Debug, Clone)]
pub(crate) struct ServerIdentity {
    /// Standbys and restored backups share the first of these.
    server: [String; 3],
    /// Only some roles may read it.
    directory: Option<String>,
}

const ASK: &str = concat!(
    "SELECT c.system_identifier, ",
    started!(),
    ", pg_catalog.current_database(), \
    (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name OPERATOR(pg_catalog.=) 'data_directory') \
    FROM pg_catalog.pg_control_system() AS c"
);

impl ServerIdentity {
    /// Asks for it; nothing if the server does not say who it is.
    ///
    /// # Errors
    ///
    /// The connection is lost, or no answer comes in time.
    async fn ask(client: &Client, options: &Options) -> Result<Option<ServerIdentity>> {
        let messages = match with_timeout(options, client.simple_query(ASK)).await {
            Ok(messages) => messages,
            Err(QueryError::Refused(error)) if error.as_db_error().is_some() => return Ok(None),
            Err(error) => return Err(failure::own("asking which server it is", error)),
        };
        let row = rows(&messages).next();
        let cell = |column| row.and_then(|row| row.get(column)).map(str::to_owned);
        let server = [cell(0), cell(1), cell(2)].map(Option::unwrap_or_default);
        Ok(Some(ServerIdentity { server, directory: cell(3) }))
    }

    fn is(&self, other: &ServerIdentity) -> bool {
        let apart = self.directory.as_ref().zip(other.directory.as_ref()).is_some_and(|(a, b)| a != b);
        self.server == other.server && !apart
    }
}

/// The servers that a run has come to, by name.
#[derive(Debug, Default)]
pub(crate) struct ServerIdentities(Vec<(String, ServerIdentity)>);

impl ServerIdentities {
    /// Adds one, before its lock is taken: it would wait for itself.
    ///
    /// # Errors
    ///
    /// `Node` if it is one of those that were added before.
    pub(crate) async fn add(&mut self, name: &str, client: &Client, options: &Options) -> Result<()> {
        let Some(identity) = ServerIdentity::ask(client, options).await? else { return Ok(()) };
        if let Some((other, _)) = self.0.iter().find(|(_, known)| known.is(&identity)) {
            let message = format!("node `{name}` is the same database of the same server as `{other}`");
            return Err(Error::new(ErrorKind::Node, message)
                .help("name each database once, and do not name the run's own database"));
        }
        self.0.push((name.to_owned(), identity));
        Ok(())
    }
}
