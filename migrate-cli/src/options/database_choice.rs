use clap::Args;
use migrate_core::Result;
use migrate_runtime::Settings;

use super::instances::InstanceOptions;

/// Which database a dump is of, or goes into: that of `--database-url`, or one of an instance.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatabaseChoice {
    /// An instance, to whose server to connect as its superuser
    #[arg(long, value_name = "NAME", requires = "database")]
    instance: Option<String>,
    /// The database, instead of the one that the URL names
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// What every command on instances takes.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl DatabaseChoice {
    pub(crate) async fn settings(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> Result<Settings> {
        let settings = match &self.instance {
            Some(instance) => {
                let server = self.options.instances(variables)?.get(instance)?.attach().await?;
                // The server's address is all that it takes: no variable may lead elsewhere.
                Settings::parse(&server.url(server.maintenance_database()), &|_| None)?
            }
            None => database().await?,
        };
        Ok(match &self.database {
            Some(name) => settings.with_database(name),
            None => settings,
        })
    }
}
