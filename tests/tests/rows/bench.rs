use embed_migrate_core::catalog::QualifiedName;
use embed_migrate_core::facts::{DataFact, mangle};
use embed_migrate_core::{Place, Result};
use embed_migrate_runtime::rows::{DataLoad, LoadMode, LoadReport};
use embed_migrate_runtime::{Scope, inspect};
use tests::{connect, database};
use tokio_postgres::Client;

/// A database of a test's own, and what is in its tables.
pub struct Bench {
    pub client: Client,
}

impl Bench {
    pub async fn new(sql: &str) -> Bench {
        let client = connect(&database().await).await;
        client.batch_execute(sql).await.unwrap();
        Bench { client }
    }

    /// Deploys a fact in a transaction, and finds nothing left to do: neither by verifying, which writes
    /// nothing, nor by deploying again.
    pub async fn deploy(&self, data: &DataFact) -> Result<LoadReport> {
        let loaded = self.within("BEGIN", data, LoadMode::Deploy, false).await;
        let loaded = loaded?;
        let found = self.verify(data).await?;
        assert!(found.proven && found.differences.is_empty(), "after deploying: {:?}", found.differences);
        let again = self.within("BEGIN", data, LoadMode::Deploy, false).await?;
        assert_eq!((again.inserted, again.updated, again.deleted), (0, 0, 0));
        Ok(loaded)
    }

    /// What a deploy that must fail says.
    pub async fn refused(&self, data: &DataFact) -> String {
        self.deploy(data).await.unwrap_err().to_string()
    }

    pub async fn verify(&self, data: &DataFact) -> Result<LoadReport> {
        self.within("BEGIN READ ONLY", data, LoadMode::Verify, false).await
    }

    /// In a transaction of its own, which is committed if nothing failed.
    pub async fn within(
        &self,
        begin: &str,
        data: &DataFact,
        mode: LoadMode,
        known_empty: bool,
    ) -> Result<LoadReport> {
        let catalog = inspect(&self.client, &Scope::default()).await.unwrap();
        let name = QualifiedName { schema: "public".to_owned(), name: mangle(&[&data.of.label], None) };
        let (table, _) = catalog.table(&name).unwrap();
        let place = Place::file("deploy.yaml");
        self.client.batch_execute(begin).await.unwrap();
        let (client, catalog, fact, place, progress) = (&self.client, &catalog, data, &place, &|_, _| {});
        let loaded =
            DataLoad { client, catalog, table, fact, place, mode, known_empty, progress }.run().await;
        let end = if loaded.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.client.batch_execute(end).await.unwrap();
        loaded
    }

    /// All of a query, rows joined by `;` and cells by `|`.
    pub async fn all(&self, sql: &str) -> String {
        let rows = self.client.simple_query(sql).await.unwrap();
        let rows = rows.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                let cells = (0..row.len()).map(|at| row.get(at).unwrap_or("NULL"));
                Some(cells.collect::<Vec<_>>().join("|"))
            }
            _ => None,
        });
        rows.collect::<Vec<_>>().join(";")
    }
}
