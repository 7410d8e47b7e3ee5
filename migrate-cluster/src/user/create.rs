use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::SimpleQueryMessage;

use super::options::UserOptions;
use super::password::verifier;
use super::user::{User, role};
use crate::cluster::host_change::HostRulesLock;
use crate::cluster::host_rules::HostRules;
use crate::pg_hba::host::Host;
use crate::server::server_error::{exists, server_error};

impl User {
    /// Creates the user with all its options, or nothing.
    ///
    /// The password is hashed to a SCRAM-SHA-256 verifier first, so that neither the server nor its log gets it.
    ///
    /// # Errors
    ///
    /// `Exists` if there is a role with this name; `NotFound` if a database does not exist; `Name` for a reserved
    /// name; `Unsupported` for hosts if the server is no instance that `migrate` made; `Busy` while a backup of the
    /// server is taken; the errors of [`User::exists`].
    pub async fn create(&self, options: &UserOptions) -> Result<()> {
        let link = self.connect_to_change("create").await?;
        let sql = self.creation(options)?;
        for database in &options.databases {
            // Before anything is created.
            self.cluster.database(database).entry().await?;
        }
        let rules_lock = self.lock_rules(&link, &options.hosts).await?;
        if role(&link, &self.name).await?.is_some() {
            return Err(exists("user", &self.name));
        }
        let created = self.make(&link, &sql, rules_lock, &options.hosts).await?;
        for database in &options.databases {
            if let Err(error) = self.give(database).await {
                return Err(match self.drop_created(created).await {
                    Ok(()) => error,
                    Err(left) => error.note(format!("user `{}` remains: {}", self.name, left.message())),
                });
            }
        }
        self.cluster.wait_for_standby(&link, &format!("user `{}` was created", self.name)).await
    }

    /// Creates the role, after its rules are in force. Returns its oid.
    async fn make(
        &self,
        link: &DirectConnection,
        sql: &str,
        mut rules_lock: Option<HostRulesLock>,
        hosts: &[Host],
    ) -> Result<u32> {
        if let Some(rules_lock) = &mut rules_lock {
            rules_lock.set(&self.cluster, &self.name, hosts).await?;
        }
        let created = link.client.simple_query(sql).await.map_err(server_error(self.cannot("create")));
        match created {
            Ok(messages) => Ok(number(&messages)),
            Err(error) => {
                let error = self.explained(error);
                Err(match rules_lock {
                    Some(rules_lock) => rules_lock.take_back(&self.cluster, error).await,
                    None => error,
                })
            }
        }
    }

    fn creation(&self, options: &UserOptions) -> Result<String> {
        let mut sql = format!("CREATE ROLE {} LOGIN", self.quoted());
        if options.superuser {
            sql += " SUPERUSER";
        }
        if let Some(password) = &options.password {
            sql += &format!(" PASSWORD {}", verifier(password)?);
        }
        // In the same transaction, so that it is the oid of this role, and of no later one with the same name.
        sql += &format!("; SELECT {}::pg_catalog.regrole::pg_catalog.oid", quote::literal(&self.quoted()));
        Ok(sql)
    }

    /// The lock on the rules. It is required if there are hosts.
    async fn lock_rules(&self, link: &DirectConnection, hosts: &[Host]) -> Result<Option<HostRulesLock>> {
        let rules = match hosts.is_empty() {
            true => HostRules::find(&link.client).await?,
            false => Some(HostRules::of(&link.client).await?),
        };
        match rules {
            Some(rules) => rules.lock().await.map(Some),
            None => Ok(None),
        }
    }

    fn explained(&self, error: Error) -> Error {
        match error.kind() {
            // Another process created it first.
            ErrorKind::Exists => exists("user", &self.name),
            _ => error,
        }
    }
}

/// The oid in the answer; 0, which no role has, if there is none.
fn number(messages: &[SimpleQueryMessage]) -> u32 {
    let value = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).and_then(|text| text.parse().ok()),
        _ => None,
    };
    messages.iter().find_map(value).unwrap_or_default()
}
