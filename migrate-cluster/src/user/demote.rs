use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::types::Type;

use super::user::User;
use crate::cluster::host_rules::HostRules;
use crate::server::server_error::server_error;

/// The superuser of an instance that `migrate` made. Our connections use it.
const MANAGER: &str = "postgres";

const OTHERS: &str =
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolsuper AND rolcanlogin AND rolname <> $1)";

impl User {
    /// Removes the superuser right, unless no superuser would be left.
    pub(super) async fn demote(&self) -> Result<()> {
        let link = self.connect_existing().await?;
        let doing = || server_error(self.cannot("change"));
        // Two processes that demote each other's user must run one after the other.
        let begin = "BEGIN; LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE";
        link.client.batch_execute(begin).await.map_err(doing())?;
        let row = link.client.query_typed_one(OTHERS, &[(&self.name, Type::NAME)]).await;
        if !row.and_then(|row| row.try_get::<_, bool>(0)).map_err(doing())? {
            let clause = format!("{}: nobody else is a superuser who can log in", self.cannot("change"));
            return Err(Error::new(ErrorKind::InUse, clause)
                .help("make another user a superuser first (`cargo migrate user superuser`)"));
        }
        self.check_manager(&link, "change").await?;
        let sql = format!("ALTER ROLE {} NOSUPERUSER; COMMIT", self.quoted());
        link.client.batch_execute(&sql).await.map_err(doing())?;
        self.cluster.wait_for_standby(&link, &format!("user `{}` was changed", self.name)).await
    }

    /// Refuses a change that would remove the superuser of an instance that `migrate` made.
    pub(super) async fn check_manager(&self, link: &DirectConnection, verb: &str) -> Result<()> {
        if self.name != MANAGER || HostRules::find(&link.client).await?.is_none() {
            return Ok(());
        }
        let clause = format!("{}: the instance is managed as this superuser", self.cannot(verb));
        Err(Error::new(ErrorKind::Unsupported, clause)
            .help("keep it, and create another user for other work"))
    }
}
