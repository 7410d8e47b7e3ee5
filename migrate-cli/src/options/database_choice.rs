use clap::Args;
use embed_migrate_core::Result;
use embed_migrate_runtime::Settings;

use super::instances::InstanceOptions;

/// The database of a dump or a restore: that of `--database-url`, or one of an instance.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatabaseChoice {
    /// Connect to this instance, as its superuser
    #[arg(long, value_name = "NAME", requires = "database")]
    instance: Option<String>,
    /// The database, instead of the URL's
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// The options of every command on instances.
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
                // The server's address is complete: no variable may lead to another server.
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
