use std::env::{self, VarError};
use std::path::Path;

use embed_migrate::cluster::{Installation, Instance};
use embed_migrate::{Error, ErrorKind, Result, Settings};

use crate::say::warn;

/// The database, and the server if it is our own.
pub(crate) struct Database {
    pub(crate) settings: Settings,
    instance: Option<Instance>,
}

const NAME: &str = "study_registry";

/// Where the state is kept by default.
const STATE: &str = ".state";

/// The same for root below a directory that is closed to others, such as its home.
const ROOTS_STATE: &str = "/var/lib/example-app";

impl Database {
    /// The database of `DATABASE_URL`, or else one on a server in the state directory, which is started.
    pub(crate) async fn open(state: Option<&Path>) -> Result<Database> {
        let variable = |name: &str| env::var(name).ok();
        match url()?.filter(|url| !url.is_empty()) {
            Some(url) => Ok(Database { settings: Settings::parse(&url, &variable)?, instance: None }),
            None => Database::embedded(start(&Installation::find(&variable)?, state).await?).await,
        }
    }

    async fn embedded(instance: Instance) -> Result<Database> {
        let database = instance.database(NAME);
        if !database.exists().await? {
            database.create().await?;
        }
        let settings = database.settings();
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

/// What DATABASE_URL says. One that can't be read is not passed over: the data would go somewhere else.
fn url() -> Result<Option<String>> {
    match env::var("DATABASE_URL") {
        Ok(url) => Ok(Some(url)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Error::new(ErrorKind::Settings, "the variable `DATABASE_URL` is not UTF-8"))
        }
    }
}

async fn start(installation: &Installation, state: Option<&Path>) -> Result<Instance> {
    if let Some(state) = state {
        return Instance::start(installation, state).await;
    }
    match Instance::start(installation, STATE.as_ref()).await {
        Err(error) if error.kind() == ErrorKind::Permission => {
            // On stdout it would be mixed with the output of `migrate`.
            warn(format_args!("keeping the database in {ROOTS_STATE}, for {}", error.message()));
            Instance::start(installation, ROOTS_STATE.as_ref()).await
        }
        started => started,
    }
}
