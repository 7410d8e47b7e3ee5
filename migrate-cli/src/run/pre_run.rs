use clap::Args;
use embed_migrate_cluster::{Installation, Instances, NewBackup};
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::{Migrator, Settings};

use super::disk_space::DiskSpaceOptions;
use super::same_server::is_same_server;
use crate::output::backup_progress::follow;
use crate::output::print;
use crate::output::utc::now;

/// What is checked or done before `up`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PreRunOptions {
    /// Back up this instance first, if patches are pending; the history keeps the backup's name
    #[arg(long, value_name = "INSTANCE")]
    backup: Option<String>,
    /// The check of the disk space.
    #[command(flatten)]
    disk_space: DiskSpaceOptions,
}

impl PreRunOptions {
    /// The migrator with the disk space check and the backup.
    ///
    /// # Errors
    ///
    /// `NotInstalled` without PostgreSQL; `NotFound` if there is no such instance.
    pub(crate) fn apply<'a>(
        &self,
        migrator: Migrator<'a>,
        variables: &dyn Fn(&str) -> Option<String>,
        settings: impl Fn() -> Result<Settings>,
    ) -> Result<Migrator<'a>> {
        let migrator = self.disk_space.apply(migrator, variables);
        let Some(name) = &self.backup else { return Ok(migrator) };
        let directory = self.disk_space.directory(variables)?;
        let named = Instances::open(&Installation::find(variables)?, &directory)?.get(name)?;
        let settings = settings()?;
        Ok(migrator.backup(move || {
            let (named, settings) = (named.clone(), settings.clone());
            async move {
                let client = named.attach().await?.client().await?;
                if !is_same_server(&client, &settings.connect().await?.client).await? {
                    let clause =
                        format!("the database `{settings}` is not on the instance `{}`", named.name());
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

    /// Refuses `--backup` in a program that mounts the command and has no instances.
    pub(crate) fn check(&self, migrator: &Migrator<'_>) -> Result<()> {
        if self.backup.is_none() || migrator.backs_up() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, "this program takes no backups")
            .help("take one with `cargo migrate backup create`"))
    }
}
