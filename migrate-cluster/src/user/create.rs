use migrate_core::{Error, ErrorKind, Result};
use migrate_runtime::Link;

use super::password::verifier;
use super::user::role;
use super::{User, UserOptions};
use crate::Host;
use crate::hosts::Rules;
use crate::refusal::{exists, refused};

impl User {
    /// Creates the user, all of it or nothing.
    ///
    /// Neither the server nor its log sees the password: it is made a SCRAM-SHA-256 verifier here.
    ///
    /// # Errors
    ///
    /// `Exists` if there is a role of that name; `NotFound` if there is no such database; `Name` for a name that is
    /// PostgreSQL's own; `Unsupported` for hosts where the server is no instance of ours; `Busy` while a backup of the
    /// server is taken; those of [`User::exists`].
    pub async fn create(&self, options: &UserOptions) -> Result<()> {
        let link = self.link_for("create").await?;
        let sql = self.creation(options)?;
        for database in &options.databases {
            // Before anything is made.
            self.cluster.database(database).entry().await?;
        }
        if role(&link, &self.name).await?.is_some() {
            return Err(exists("user", &self.name));
        }
        let rules = self.rules(&link, &options.hosts).await?;
        if let Some(rules) = &rules {
            rules.set(&self.cluster, &self.name, &options.hosts).await?;
        }
        if let Err(error) = link.client.batch_execute(&sql).await {
            let error = refused(self.cannot("create"))(error);
            if let Some(rules) = rules {
                rules.set(&self.cluster, &self.name, &[]).await?;
            }
            return Err(self.explained(error));
        }
        for database in &options.databases {
            if let Err(error) = self.grant(database).await {
                return Err(match self.drop().await {
                    Ok(()) => error,
                    Err(left) => error.note(format!("user `{}` is there now: {}", self.name, left.message())),
                });
            }
        }
        Ok(())
    }

    fn creation(&self, options: &UserOptions) -> Result<String> {
        let mut sql = format!("CREATE ROLE {} LOGIN", self.quoted());
        if options.superuser {
            sql += " SUPERUSER";
        }
        if let Some(password) = &options.password {
            sql += &format!(" PASSWORD {}", verifier(password)?);
        }
        Ok(sql)
    }

    /// The rules, where there are some to be written, or left to be taken away.
    async fn rules(&self, link: &Link, hosts: &[Host]) -> Result<Option<Rules>> {
        if !hosts.is_empty() {
            return Rules::of(&link.client).await.map(Some);
        }
        let rules = Rules::find(&link.client).await?;
        let left = rules.as_ref().map(|rules| rules.hosts(&self.name)).transpose()?;
        Ok(rules.filter(|_| left.is_some_and(|left| !left.is_empty())))
    }

    fn explained(&self, error: Error) -> Error {
        match error.kind() {
            // Another process was faster.
            ErrorKind::Exists => exists("user", &self.name),
            _ => error,
        }
    }
}
