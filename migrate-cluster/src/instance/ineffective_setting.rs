use std::fmt;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::named_instance::NamedInstance;

/// A setting in a file of an instance that has no effect, because another place overrides it.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IneffectiveSetting {
    /// The name of the setting.
    pub name: String,
    /// The value in the file.
    pub value: String,
    /// The file.
    pub file: String,
    /// The value in force.
    pub in_force: String,
    /// The file with the value in force; `None` for an argument that the instance is started with, such as its port.
    pub by: Option<String>,
}

// Values that `initdb` wrote into `postgresql.conf` are not reported.
const QUERY: &str = "
SELECT file.name, file.setting, file.sourcefile, pg_catalog.current_setting(file.name),
       CASE WHEN known.source OPERATOR(pg_catalog.<>) 'command line' THEN known.sourcefile END
  FROM pg_catalog.pg_file_settings AS file
  JOIN pg_catalog.pg_settings AS known
    ON pg_catalog.lower(known.name) OPERATOR(pg_catalog.=) pg_catalog.lower(file.name)
 WHERE NOT file.applied
   AND file.setting OPERATOR(pg_catalog.<>) pg_catalog.current_setting(file.name)
   AND (known.source OPERATOR(pg_catalog.=) 'command line'
        OR file.error IS NULL
        AND pg_catalog.current_setting('config_file') OPERATOR(pg_catalog.=) ANY (ARRAY[file.sourcefile, known.sourcefile]))
   AND NOT (file.sourcefile OPERATOR(pg_catalog.=)
            (pg_catalog.current_setting('data_directory') OPERATOR(pg_catalog.||) '/postgresql.conf')
            AND (file.name, file.setting)
                IN (('max_connections', '100'), ('shared_buffers', '128MB')))
 ORDER BY file.seqno";

impl NamedInstance {
    /// The settings in its files without effect: settings of the flavor that `ALTER SYSTEM` changed, settings of
    /// `postgresql.conf` that the flavor sets, and those that would change the port, the addresses or the socket.
    ///
    /// # Errors
    ///
    /// `Instance` if it is not running; `Connect` if all connections are in use.
    #[doc(hidden)]
    pub async fn ineffective_settings(&self) -> Result<Vec<IneffectiveSetting>> {
        let client = self.attach().await?.client().await?;
        let failed = |error: tokio_postgres::Error| {
            Error::new(ErrorKind::Sql, "can't read the server's settings").caused_by(error)
        };
        let rows = client.query(QUERY, &[]).await.map_err(failed)?;
        let settings = rows.iter().map(|row| {
            Ok(IneffectiveSetting {
                name: row.try_get(0)?,
                value: row.try_get(1)?,
                file: row.try_get(2)?,
                in_force: row.try_get(3)?,
                by: row.try_get(4)?,
            })
        });
        settings.collect::<std::result::Result<_, _>>().map_err(failed)
    }
}

impl fmt::Display for IneffectiveSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IneffectiveSetting { name, value, file, in_force, by } = self;
        write!(f, "`{name} = {value}` in {file} has no effect: the value is `{in_force}`, ")?;
        match by {
            Some(by) => write!(f, "from {by}"),
            None => {
                write!(
                    f,
                    "set when the instance is started (`instance port` and `instance listen` change it)"
                )
            }
        }
    }
}
