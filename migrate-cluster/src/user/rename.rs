use migrate_core::{Error, ErrorKind, Result, quote};
use migrate_runtime::Link;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::user::User;
use super::user::role;
use crate::cluster::host_rules::Rules;
use crate::cluster::name;
use crate::server::refusal::{exists, refused};

impl User {
    /// Gives the user another name; the password stays, since a SCRAM verifier does not depend on it.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Exists` if there is a role of the new name; `Unsupported` for whoever we are connected as, and for
    /// a password kept as MD5, which holds the name; those of [`User::exists`].
    pub async fn rename(&self, to: &str) -> Result<User> {
        name::check("user", to)?;
        let link = self.found().await?;
        self.check_manager(&link, "rename").await?;
        self.check_md5(&link).await?;
        let mut changing = match Rules::find(&link.client).await? {
            Some(rules) => Some(rules.change().await?),
            None => None,
        };
        // Another process may have renamed it, or made the other, before we had the right.
        self.check_found(&link).await?;
        if role(&link, to).await?.is_some() {
            return Err(exists("user", to));
        }
        // Rules for both names first: there is no moment without. What a role dropped by hand left goes.
        if let Some(changing) = &mut changing {
            let hosts = changing.hosts(&self.name)?;
            changing.set(&self.cluster, to, &hosts).await?;
        }
        let sql = format!("ALTER ROLE {} RENAME TO {}", self.quoted(), quote::identifier(to));
        let done = link.client.batch_execute(&sql).await.map_err(refused(self.cannot("rename")));
        match (changing, done) {
            (Some(mut changing), Ok(())) => {
                let taken_away = changing.set(&self.cluster, &self.name, &[]).await;
                taken_away.map_err(|error| error.note(format!("user `{}` is `{to}` now", self.name)))?;
            }
            (Some(changing), Err(error)) => return Err(changing.take_back(&self.cluster, error).await),
            (None, done) => done?,
        }
        self.cluster.confirmed(&link, &format!("user `{}` was renamed to `{to}`", self.name)).await?;
        Ok(User { name: to.to_owned(), ..self.clone() })
    }

    async fn check_md5(&self, link: &Link) -> Result<()> {
        let query = "SELECT FROM pg_catalog.pg_authid WHERE rolname = $1 AND rolpassword LIKE 'md5%'";
        let rows = match link.client.query_typed(query, &[(&self.name, Type::NAME)]).await {
            // Only a superuser may look.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                return Ok(());
            }
            rows => rows.map_err(refused(self.cannot("rename")))?,
        };
        match rows.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{}: PostgreSQL would delete its password, which is kept as MD5",
                    self.cannot("rename")
                ),
            )
            .help("set the password anew first, which is then kept as SCRAM-SHA-256")),
        }
    }
}
