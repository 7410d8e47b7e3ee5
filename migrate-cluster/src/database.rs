use migrate_core::{Error, ErrorKind, Result};

use crate::Instance;

/// PostgreSQL's limit for a name, `NAMEDATALEN - 1` bytes; it cuts a longer one off.
const LONGEST: usize = 63;

impl Instance {
    /// Creates an empty database.
    ///
    /// # Errors
    ///
    /// `Sql` if the server refuses, such as for a name that exists or is empty; `Unsupported` for a name of more
    /// than 63 bytes, which PostgreSQL would cut off; `Connect` if the server does not run.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        if name.len() > LONGEST {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("database name `{name}` is longer than {LONGEST} bytes"),
            ));
        }
        let client = self.connect("postgres").await?;
        client.batch_execute(&format!("CREATE DATABASE {}", quoted(name))).await.map_err(|error| {
            Error::new(ErrorKind::Sql, format!("can't create database `{name}`")).caused_by(error)
        })
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
