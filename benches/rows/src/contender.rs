use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::SinkExt as _;
use harness::{Result, context};
use embed_migrate_core::Place;
use embed_migrate_core::catalog::QualifiedName;
use embed_migrate_core::facts::{DataFact, DataRows, TableName};
use embed_migrate_runtime::rows::{DataLoad, LoadMode};
use embed_migrate_runtime::{Scope, inspect};
use tokio_postgres::{Client, NoTls};

use crate::shape::Shape;

/// Who gets the rows in, or looks if they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    /// `COPY FROM STDIN` of the same rows as a CSV text that is in memory, links as numbers: the floor.
    Copy,
    /// `psql` with `\copy`, connecting included.
    Psql,
    /// A data fact, for a table that was made a moment ago.
    New,
    /// A data fact, for a table that turns out to be empty.
    Empty,
    /// A data fact that is true already.
    Again,
    /// Verifying it.
    Verify,
}

impl Contender {
    /// In the order in which they can be run on one table; the table is made anew before each that loads.
    pub(crate) const ALL: [Contender; 6] = [
        Contender::Copy,
        Contender::Psql,
        Contender::New,
        Contender::Empty,
        Contender::Again,
        Contender::Verify,
    ];

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Copy => "COPY",
            Contender::Psql => "psql, \\copy",
            Contender::New => "fact, new table",
            Contender::Empty => "fact, empty table",
            Contender::Again => "fact, true already",
            Contender::Verify => "fact, verified",
        }
    }

    /// Whether it needs the rows to be there.
    pub(crate) fn looks(self) -> bool {
        matches!(self, Contender::Again | Contender::Verify)
    }
}

/// What a contender works on.
pub(crate) struct Work {
    pub(crate) shape: Shape,
    pub(crate) url: String,
    pub(crate) fact: Arc<str>,
    pub(crate) copy: Vec<u8>,
}

impl Work {
    pub(crate) async fn connect(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// How long it takes, the transaction included.
    pub(crate) async fn run(&self, contender: Contender, client: &Client, file: &Path) -> Result<Duration> {
        match contender {
            Contender::Copy => self.copy(client).await,
            Contender::Psql => self.psql(file),
            Contender::New => self.load(client, LoadMode::Deploy, true).await,
            Contender::Empty | Contender::Again => self.load(client, LoadMode::Deploy, false).await,
            Contender::Verify => self.load(client, LoadMode::Verify, false).await,
        }
    }

    async fn copy(&self, client: &Client) -> Result<Duration> {
        let sql = format!("COPY item ({}) FROM STDIN (FORMAT csv)", self.shape.columns());
        let pieces: Vec<Vec<u8>> = self.copy.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
        let start = Instant::now();
        client.batch_execute("BEGIN").await?;
        let sink = client.copy_in(&sql).await?;
        let mut sink = std::pin::pin!(sink);
        for piece in pieces {
            sink.feed(Cursor::new(piece)).await?;
        }
        sink.finish().await?;
        client.batch_execute("COMMIT").await?;
        Ok(start.elapsed())
    }

    fn psql(&self, file: &Path) -> Result<Duration> {
        let copy = format!("\\copy item ({}) FROM '{}' (FORMAT csv)", self.shape.columns(), file.display());
        let start = Instant::now();
        let status = Command::new("psql").args(["-q", "-1", "-X", "-d", &self.url, "-c", &copy]).status();
        let elapsed = start.elapsed();
        match status.map_err(context("psql"))?.success() {
            true => Ok(elapsed),
            false => Err("psql failed".into()),
        }
    }

    /// Reading the CSV is part of it; inspecting the catalog, which all facts share, is not.
    async fn load(&self, client: &Client, mode: LoadMode, known_empty: bool) -> Result<Duration> {
        let catalog = inspect(client, &Scope::default()).await?;
        let name = QualifiedName { schema: "public".to_owned(), name: "item".to_owned() };
        let (table, _) = catalog.table(&name).ok_or("no table")?;
        let start = Instant::now();
        client.batch_execute("BEGIN").await?;
        let of = TableName { schema: None, label: "item".to_owned() };
        let fact = DataFact { of, rows: DataRows::csv("item.csv", self.fact.clone())?, present: true };
        let (place, progress) = (Place::file("deploy.yaml"), |_, _| {});
        let load = DataLoad {
            client,
            catalog: &catalog,
            table,
            fact: &fact,
            place: &place,
            mode,
            known_empty,
            progress: &progress,
        };
        let loaded = load.run().await?;
        client.batch_execute("COMMIT").await?;
        let elapsed = start.elapsed();
        if !loaded.proven {
            return Err(format!("not proven: {:?}", loaded.differences.first()).into());
        }
        Ok(elapsed)
    }
}
