use std::env;
use std::path::Path;

use migrate::cluster::{Installation, Instance};
use migrate::{Error, ErrorKind, Result, Settings};

/// The database, and the server if it is our own.
pub(crate) struct Database {
    pub(crate) settings: Settings,
    instance: Option<Instance>,
}

const NAME: &str = "study_registry";

impl Database {
    /// The database where `DATABASE_URL` says, or else on a server in the state directory, which is started.
    pub(crate) async fn open(state: &Path) -> Result<Database> {
        let variable = |name: &str| env::var(name).ok();
        match variable("DATABASE_URL").filter(|url| !url.is_empty()) {
            Some(url) => Ok(Database { settings: Settings::parse(&url, &variable)?, instance: None }),
            None => Database::embedded(&Installation::find(&variable)?, state).await,
        }
    }

    async fn embedded(installation: &Installation, state: &Path) -> Result<Database> {
        let instance = Instance::start(installation, state).await?;
        if !exists(&instance).await? {
            instance.create_database(NAME).await?;
        }
        let settings = Settings::from(instance.config()).with_database(NAME);
        Ok(Database { settings, instance: Some(instance) })
    }

    /// Stops the server, if it is our own.
    pub(crate) async fn close(self) -> Result<()> {
        match self.instance {
            Some(instance) => instance.stop().await,
            None => Ok(()),
        }
    }
}

async fn exists(instance: &Instance) -> Result<bool> {
    let client = instance.connect("postgres").await?;
    let found =
        client.query_opt("SELECT FROM pg_catalog.pg_database WHERE datname = $1", &[&NAME]).await.map_err(
            |error| Error::new(ErrorKind::Sql, "can't see whether the database exists").caused_by(error),
        )?;
    Ok(found.is_some())
}
