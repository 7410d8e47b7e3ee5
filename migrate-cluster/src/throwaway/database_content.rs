use embed_migrate_core::Result;
use tokio_postgres::Config;

/// The content of a test database, which is filled once and copied for each test.
///
/// ```
/// use embed_migrate_cluster::{ErrorKind, Installation, DatabaseContent, Result, Throwaway};
/// use tokio_postgres::{Config, NoTls};
///
/// struct Study;
///
/// impl DatabaseContent for Study {
///     fn digest(&self) -> String {
///         "study 1".to_owned()
///     }
///
///     async fn fill(&self, config: &Config) -> Result<()> {
///         let (client, connection) = config.connect(NoTls).await.unwrap();
///         let connection = tokio::spawn(connection);
///         client.batch_execute("CREATE TABLE study (title text)").await.unwrap();
///         drop(client);
///         connection.await.unwrap().unwrap();
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let (server, database) = Throwaway::start_filled(&installation, &Study).await?;
/// let client = server.instance().connect(&database).await?;
/// assert!(client.query("SELECT title FROM study", &[]).await.unwrap().is_empty());
/// # drop(client);
/// # server.stop().await
/// # }
/// ```
#[doc(hidden)]
pub trait DatabaseContent: Sync {
    /// A digest of everything that the content depends on. For another digest, a new database is filled.
    fn digest(&self) -> String;

    /// Fills an empty database, as the superuser `postgres`, and closes its connections.
    ///
    /// # Errors
    ///
    /// Any error; then no test gets the database.
    fn fill(&self, config: &Config) -> impl Future<Output = Result<()>> + Send;
}
