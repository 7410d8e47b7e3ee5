use clap::Args;
use migrate_cluster::{Installation, Instances, NewBackup};
use migrate_core::{Error, ErrorKind, Result};
use migrate_runtime::{Migrator, Settings};
use tokio_postgres::Client;

use crate::backup::{follow, now};
use crate::{AskRoom, print};

/// What happens before `up`.
#[derive(Debug, Clone, Args)]
pub struct Before {
    /// Back up this instance first, if anything is pending; the history keeps the backup's name
    #[arg(long, value_name = "INSTANCE")]
    pub backup: Option<String>,
    /// Whether there is room.
    #[command(flatten)]
    pub room: AskRoom,
}

impl Before {
    /// The migrator, with the room and the backup that are asked for.
    ///
    /// # Errors
    ///
    /// `NotInstalled` without PostgreSQL; `NotFound` if there is no such instance.
    pub fn apply<'a>(
        &self,
        migrator: Migrator<'a>,
        variables: &dyn Fn(&str) -> Option<String>,
        settings: impl Fn() -> Result<Settings>,
    ) -> Result<Migrator<'a>> {
        let migrator = self.room.apply(migrator, variables);
        let Some(name) = &self.backup else { return Ok(migrator) };
        let directory = self.room.directory(variables)?;
        let named = Instances::open(&Installation::find(variables)?, &directory)?.get(name)?;
        let settings = settings()?;
        Ok(migrator.backup(move || {
            let (named, settings) = (named.clone(), settings.clone());
            async move {
                let client = named.attach().await?.client().await?;
                if born(&client).await? != born(&settings.connect().await?.client).await? {
                    let clause =
                        format!("the database `{settings}` is not of the instance `{}`", named.name());
                    return Err(Error::new(ErrorKind::Value, clause)
                        .help("name the instance whose URL `cargo migrate instance get` shows"));
                }
                let new = NewBackup::new(format!("before up {}", now()))
                    .description(format!("before patches of {settings}"));
                let backup = follow(&named.create_backup(&new).await?).await?;
                print::progress(format_args!("backed up {} as `{}`", named.name(), backup.name));
                Ok(backup.name)
            }
        }))
    }

    /// Refuses a backup that nobody takes: the program that mounts the command knows no instances.
    pub(crate) fn check(&self, migrator: &Migrator<'_>) -> Result<()> {
        if self.backup.is_none() || migrator.backs_up() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, "this program takes no backups")
            .help("take one with `cargo migrate backup create`"))
    }
}

/// When a server was started: two URLs may lead to one, and two servers were not started in the same microsecond.
pub(crate) async fn born(client: &Client) -> Result<String> {
    let query = "SELECT pg_catalog.pg_postmaster_start_time()::text";
    let row = client.query_one(query, &[]).await.map_err(|error| {
        Error::new(ErrorKind::Sql, "the server does not tell when it was started").caused_by(error)
    })?;
    Ok(row.get(0))
}
