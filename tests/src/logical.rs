//! Native logical replication: a publisher, subscribers that follow it, and a client that writes meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use embed_migrate_cluster::{Installation, Profile, Throwaway};
use embed_migrate_core::Bundle;
use embed_migrate_runtime::{Migrator, Settings};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};

use crate::{connect, files, url};

/// Which tables are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedTables {
    /// `FOR ALL TABLES`
    All,
    /// Those that are there at first.
    Listed,
    /// Those of the schema `public`.
    Schema,
}

/// A bundle for replicated nodes. Their tables are small.
pub fn replicated(patches: &[(&str, &str)]) -> Bundle {
    let files = files("app", patches);
    let lint = "lint: {retype: off, update-under-lock: off, update-without-where: off, volatile-default: off, serial-column: off, partition-of: off}";
    files.write("bundle.yaml", &format!("replicated: true\n{lint}\n"));
    files.lock()
}

/// A publisher and two subscribers, each a server of its own; gone when dropped.
pub struct Logical {
    publisher: Throwaway,
    subscribers: Vec<Throwaway>,
}

/// The name of the database on each server, and of the publication.
const NAME: &str = "app";

/// How long replication may take to get somewhere before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

impl Logical {
    /// Starts them, runs `sql` on each and waits until the subscribers have all rows.
    pub async fn start(sql: &str, published: PublishedTables) -> Logical {
        Logical::start_with(sql, published, "").await
    }

    /// The same with options of the subscriptions: `WITH (…)`.
    pub async fn start_with(sql: &str, published: PublishedTables, options: &str) -> Logical {
        let servers = [server(), server(), server()];
        let [publisher, first, second] = servers;
        let (publisher, first, second) = tokio::join!(publisher, first, second);
        let logical = Logical { publisher, subscribers: vec![first, second] };
        for node in logical.nodes() {
            connect(&node).await.batch_execute(sql).await.unwrap();
        }
        let tables = match published {
            PublishedTables::All => "FOR ALL TABLES".to_owned(),
            PublishedTables::Schema => "FOR TABLES IN SCHEMA public".to_owned(),
            PublishedTables::Listed => format!("FOR TABLE {}", logical.tables().await.join(", ")),
        };
        let publish = format!("CREATE PUBLICATION {NAME} {tables}");
        logical.on_publisher().await.batch_execute(&publish).await.unwrap();
        for (number, subscriber) in logical.subscribers().iter().enumerate() {
            let from = url(&logical.publisher()).replace('\'', "''");
            let subscribe =
                format!("CREATE SUBSCRIPTION s{number} CONNECTION '{from}' PUBLICATION {NAME} {options}");
            connect(subscriber).await.batch_execute(&subscribe).await.unwrap();
        }
        logical.synced().await;
        logical
    }

    /// Where the publisher's database is.
    pub fn publisher(&self) -> Config {
        database(&self.publisher)
    }

    /// Where the subscribers' databases are.
    pub fn subscribers(&self) -> Vec<Config> {
        self.subscribers.iter().map(database).collect()
    }

    /// All of them, the publisher first.
    pub fn nodes(&self) -> Vec<Config> {
        [self.publisher()].into_iter().chain(self.subscribers()).collect()
    }

    /// A migrator that knows the subscribers as `a` and `b`.
    pub fn migrator<'a>(&self, bundle: &'a Bundle) -> Migrator<'a> {
        let names = ["a", "b"].into_iter().zip(self.subscribers());
        names
            .fold(Migrator::new([bundle]), |migrator, (name, node)| migrator.node(name, Settings::from(node)))
    }

    /// Asserts that each node's history has these versions with their end, in the order of application.
    pub async fn assert_histories(&self, expected: &str) {
        for node in self.nodes() {
            assert_eq!(history(&node).await, expected);
        }
    }

    /// A client of the publisher.
    pub async fn on_publisher(&self) -> Client {
        connect(&self.publisher()).await
    }

    /// Waits until every table that is subscribed to has its first rows.
    pub async fn synced(&self) {
        for subscriber in self.subscribers() {
            let client = connect(&subscriber).await;
            until(&client, "SELECT NOT EXISTS (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r')")
                .await;
        }
    }

    /// Waits until the subscribers have all that the publisher has committed so far.
    pub async fn caught_up(&self) {
        self.synced().await;
        let client = self.on_publisher().await;
        let lsn = "SELECT pg_current_wal_insert_lsn()::text";
        let lsn: String = client.query_one(lsn, &[]).await.unwrap().get(0);
        // What no commit follows may not reach the disk for long, and nobody is sent it before.
        let flush = "BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_logical_emit_message(true, 'test', ''); COMMIT";
        client.batch_execute(flush).await.unwrap();
        let behind = format!(
            "SELECT count(*) = 0 FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database() \
             AND confirmed_flush_lsn < '{lsn}'"
        );
        until(&client, &behind).await;
    }

    /// That all nodes have the same rows in all tables outside the history's schema.
    pub async fn assert_equal(&self) {
        self.caught_up().await;
        for table in self.tables().await {
            let expected = self.digest(&self.publisher(), &table).await;
            for (number, subscriber) in self.subscribers().iter().enumerate() {
                assert_eq!(self.digest(subscriber, &table).await, expected, "{table} on subscriber {number}");
            }
        }
    }

    /// How many times a subscriber failed to apply changes, over all of them.
    pub async fn apply_errors(&self) -> i64 {
        let mut errors = 0;
        for subscriber in self.subscribers() {
            let sql = "SELECT coalesce(sum(apply_error_count), 0)::bigint FROM pg_stat_subscription_stats";
            errors += connect(&subscriber).await.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
        }
        errors
    }

    /// The tables of the publisher outside the history's schema.
    pub async fn tables(&self) -> Vec<String> {
        let sql = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables \
                   WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'migrate') ORDER BY 1";
        self.on_publisher().await.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    async fn digest(&self, node: &Config, table: &str) -> (i64, Option<String>) {
        let sql = format!(
            "SELECT count(*), md5(string_agg(to_jsonb(t)::text, ',' ORDER BY to_jsonb(t)::text)) FROM {table} AS t"
        );
        let client = connect(node).await;
        client.batch_execute("SET timezone = 'UTC'; SET extra_float_digits = 1").await.unwrap();
        let row = client.query_one(&sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }

    /// Somebody who runs this on the publisher again and again, until asked to stop.
    pub async fn writer(&self, sql: &'static str) -> Writer {
        let (client, stop) = (self.on_publisher().await, Arc::new(AtomicBool::new(false)));
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let mut written = WriterReport { count: 0, longest: Duration::ZERO };
            while !stopped.load(Ordering::SeqCst) {
                let started = Instant::now();
                client.batch_execute(sql).await.unwrap();
                written.longest = written.longest.max(started.elapsed());
                written.count += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            written
        });
        Writer { stop, task }
    }

    /// Stops a subscriber's server as a crash does.
    pub async fn crash(&mut self, subscriber: usize) {
        self.subscribers[subscriber].crash().await.unwrap();
    }

    /// Starts it again.
    pub async fn restart(&mut self, subscriber: usize) {
        self.subscribers[subscriber].restart().await.unwrap();
    }

    pub async fn stop(self) {
        for server in self.subscribers.into_iter().chain([self.publisher]) {
            server.stop().await.unwrap();
        }
    }
}

/// Writes until it is stopped.
pub struct Writer {
    stop: Arc<AtomicBool>,
    task: JoinHandle<WriterReport>,
}

/// What a writer did.
#[derive(Debug)]
pub struct WriterReport {
    /// How many times.
    pub count: u64,
    /// How long it took the longest time.
    pub longest: Duration,
}

impl Writer {
    /// Stops, and returns what was written; it panics if the server refused something.
    pub async fn stop(self) -> WriterReport {
        self.stop.store(true, Ordering::SeqCst);
        self.task.await.unwrap()
    }
}

/// The versions in a node's history that have their end, in the order of application.
pub async fn history(node: &Config) -> String {
    let sql = "SELECT string_agg(array_to_string(version, '.'), ' ' ORDER BY position) FROM migrate.patch \
               WHERE bundle = 'app' AND ended_at IS NOT NULL";
    let client = connect(node).await;
    let found = client.query_one(sql, &[]).await.ok();
    found.and_then(|row| row.get::<_, Option<String>>(0)).unwrap_or_default()
}

async fn server() -> Throwaway {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let profile = Profile::throwaway().setting("wal_level", "logical").setting("max_wal_senders", "10");
    // A subscriber that failed to apply something tries again at once.
    let profile = profile.setting("wal_retrieve_retry_interval", "100ms");
    let server = Throwaway::start_with(&installation, profile).await.unwrap();
    server.instance().database(NAME).create().await.unwrap();
    server
}

fn database(server: &Throwaway) -> Config {
    let mut config = server.config();
    config.dbname(NAME);
    config
}

async fn until(client: &Client, sql: &str) {
    let started = Instant::now();
    while !client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(started.elapsed() < PATIENCE, "in vain: {sql}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
