use std::pin::Pin;

use embed_migrate_cluster::DatabaseContent;
use embed_migrate_core::{Bundle, Checksum, Error, ErrorKind, Place, Result};
use embed_migrate_runtime::{Migrator, Settings, history_digest};
use tokio_postgres::Config;
use tokio_postgres::error::ErrorPosition;

/// What the databases of tests contain: bundles are applied first, then facts are deployed, then scripts run.
///
/// ```
/// use embed_migrate::testing::{Contents, TestDatabase};
/// use embed_migrate::{Bundle, embed_migrations};
///
/// static MIGRATIONS: Bundle = embed_migrations!("../migrations");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate::Result<()> {
/// let contents = Contents::of([&MIGRATIONS]).script(
///     "one-study.sql",
///     "INSERT INTO study (code, title, target) VALUES ('AB-1', 'Heart failure', 120)",
/// );
/// let database = TestDatabase::new(&contents).await?;
/// let row = database.client().await?.query_one("SELECT title FROM study", &[]).await.unwrap();
/// assert_eq!(row.get::<_, &str>(0), "Heart failure");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Contents<'a> {
    bundles: Vec<&'a Bundle>,
    facts: Vec<NamedText>,
    scripts: Vec<NamedText>,
}

/// A text, and the file's name for errors.
#[derive(Debug, Clone)]
struct NamedText {
    file: String,
    text: String,
}

impl<'a> Contents<'a> {
    /// The contents that bundles make; without bundles, an empty database.
    pub fn of(bundles: impl IntoIterator<Item = &'a Bundle>) -> Contents<'a> {
        Contents { bundles: bundles.into_iter().collect(), facts: Vec::new(), scripts: Vec::new() }
    }

    /// Adds facts that are deployed on top of the bundles, such as rows: YAML text, and its name for errors. Needs the
    /// feature `facts`.
    pub fn facts(mut self, file: impl Into<String>, text: impl Into<String>) -> Contents<'a> {
        self.facts.push(NamedText { file: file.into(), text: text.into() });
        self
    }

    /// Adds SQL that runs last, as the superuser, and its name for errors.
    pub fn script(mut self, file: impl Into<String>, text: impl Into<String>) -> Contents<'a> {
        self.scripts.push(NamedText { file: file.into(), text: text.into() });
        self
    }

    async fn make(&self, settings: &Settings) -> Result<()> {
        if !self.bundles.is_empty() {
            Migrator::new(self.bundles.iter().copied()).run(settings).await?;
        }
        for NamedText { file, text } in &self.facts {
            deploy(settings, text)
                .await
                .map_err(|error| error.context(format!("while deploying `{file}`")))?;
        }
        for NamedText { file, text } in &self.scripts {
            let link = settings.connect().await?;
            link.client.batch_execute(text).await.map_err(|error| refused(file, text, error))?;
        }
        Ok(())
    }
}

impl DatabaseContent for Contents<'_> {
    fn digest(&self) -> String {
        // Another release of this library may make another database from the same bundles.
        let mut text = format!("{} {}\n", env!("CARGO_PKG_VERSION"), history_digest());
        for bundle in &self.bundles {
            let facts =
                bundle.facts().map(|facts| (facts.number(), facts.digest(), facts.is_only_verified()));
            let (name, requires, schema, trust) =
                (bundle.name(), bundle.requires(), bundle.schema(), bundle.trust());
            let (lock, statement, digest) =
                (bundle.lock_timeout(), bundle.statement_timeout(), bundle.digest());
            text += &format!(
                "{name:?} {requires:?} {schema:?} {trust:?} {lock:?} {statement:?} {digest} {facts:?}\n"
            );
        }
        for (kind, texts) in [("facts", &self.facts), ("script", &self.scripts)] {
            texts.iter().for_each(|NamedText { text: given, .. }| text += &format!("{kind} {given:?}\n"));
        }
        Checksum::of(text).to_string()
    }

    async fn fill(&self, config: &Config) -> Result<()> {
        let settings = Settings::from(config.clone());
        // The box keeps the size of the future out of the caller's.
        let making: Pin<Box<dyn Future<Output = Result<()>> + Send + '_>> = Box::pin(self.make(&settings));
        making.await.map_err(|error| error.context("while making the database of tests"))
    }
}

/// A script's error, with its place if the server reports one.
fn refused(file: &str, text: &str, error: tokio_postgres::Error) -> Error {
    let Some(server) = error.as_db_error() else {
        return Error::new(ErrorKind::Connect, format!("the connection was lost in script `{file}`"))
            .caused_by(error);
    };
    let place = match server.position() {
        // In characters, from 1.
        Some(ErrorPosition::Original(position)) => {
            let before = (*position as usize).saturating_sub(1);
            let offset = text.char_indices().nth(before).map_or(text.len(), |(offset, _)| offset);
            Place::offset(file, text, offset)
        }
        _ => Place::file(file),
    };
    Error::new(ErrorKind::Sql, format!("script `{file}` fails: {}", server.message())).at(place)
}

#[cfg(feature = "facts")]
async fn deploy(settings: &Settings, text: &str) -> Result<()> {
    let mut driver = embed_migrate_runtime::Driver::connect(settings).await?;
    driver.deploy(text).await?;
    driver.commit().await
}

#[cfg(not(feature = "facts"))]
async fn deploy(_: &Settings, _: &str) -> Result<()> {
    Err(Error::new(ErrorKind::Unsupported, "facts are not among the features")
        .help("switch on the feature `facts` of `embed-migrate`"))
}
