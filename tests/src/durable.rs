use std::time::Duration;

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use tokio_postgres::Client;

use crate::until;

/// A server of its own, with these settings.
pub async fn throwaway(settings: &[(&str, &str)]) -> Throwaway {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let with = |profile: Profile, (name, value): &(&str, &str)| profile.setting(*name, *value);
    let profile = settings.iter().fold(Profile::throwaway(), with);
    Throwaway::start_with(&installation, profile).await.unwrap()
}

/// Whether a session has an advisory lock of this database.
pub async fn held(client: &Client) -> bool {
    let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
}

/// A server whose commits may have to wait for a standby.
pub async fn durable() -> Throwaway {
    throwaway(&[("synchronous_commit", "on"), ("wal_level", "replica"), ("max_wal_senders", "4")]).await
}

/// Who waits for a synchronous standby.
pub async fn waiting(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Has commits wait for these standbys from now on.
pub async fn synchronous(client: &Client, names: &str) {
    client.batch_execute("SET synchronous_commit = local").await.unwrap();
    client.batch_execute(&format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'")).await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    until("it is in force", Duration::from_secs(10), async || {
        let shown: String = client.query_one("SHOW synchronous_standby_names", &[]).await.unwrap().get(0);
        shown == names
    })
    .await;
    // Commits wait once the process that makes checkpoints has read it too.
    client.batch_execute("CHECKPOINT").await.unwrap();
}
