use migrate_cluster::{Installation, Throwaway};
use migrate_core::catalog::{Catalog, Change, Difference, compare};
use migrate_core::{Bundle, Error, ErrorKind, Result};
use migrate_runtime::{DryRun, Migrator, Scope, Settings, inspect};

use super::down::back_and_forth;
use super::way::Way;

/// Proves on a throwaway server that bundles make the same database out of nothing, whichever way they get there.
///
/// - They boot; booting again applies nothing, deploying the facts again changes nothing, and the facts hold.
/// - Patches that are applied one by one, each in a run of its own, give the same catalog as all at once.
/// - So do the patches that a baseline stands for, while they are there.
/// - So does the create tree, with the patches that come after it.
/// - The way back of a patch (`NAME.down.sql`) leaves what the patch found, and the patch can be applied again, columns'
///   order aside; that of a concurrent patch statement by statement.
/// - So does each hotfix that comes after patches of higher versions, column order aside.
/// - And so it is for a role that is no superuser and owns nothing but its database.
///
/// Facts are deployed where all patches are in, as the binary does it. PostgreSQL's programs are looked for as
/// [`Installation::find`] does it, with this process's environment.
///
/// ```no_run
/// use migrate::{Bundle, embed_migrations};
///
/// static MIGRATIONS: Bundle = embed_migrations!("../migrations");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> migrate::Result<()> {
/// migrate::testing::prove(&[&MIGRATIONS]).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Each boot that is refused, and each difference, as an error of its own that says which way led there. Where the
/// first boot of all is refused, that alone; `NotInstalled` or `Instance` where there is no server.
pub async fn prove(bundles: &[&Bundle]) -> Result<()> {
    let installation = Installation::find(&|name| std::env::var(name).ok())?;
    let server = Throwaway::start(&installation).await?;
    let mut proof = Proof { bundles, server: &server, databases: 0 };
    let problems = proof.all().await?;
    server.stop().await?;
    Error::all(problems).map_or(Ok(()), Err)
}

struct Proof<'a> {
    bundles: &'a [&'a Bundle],
    server: &'a Throwaway,
    databases: usize,
}

/// One role for all databases, which loses its rights on the way: so that the owners are the same in all of them.
const ROLE: &str = "prove";

impl Proof<'_> {
    async fn all(&mut self) -> Result<Vec<Error>> {
        self.server(&format!("CREATE ROLE {ROLE} LOGIN SUPERUSER")).await?;
        let expected = self.go(Way::AtOnce).await.map_err(|error| while_proving(error, Way::AtOnce, ""))?;
        let mut problems = Vec::new();
        for way in Way::all(self.bundles).into_iter().skip(1) {
            problems.extend(self.differs(way, "", &expected).await);
        }
        problems.extend(back_and_forth(self.bundles, async || self.database().await).await?);
        self.server(&format!("ALTER ROLE {ROLE} NOSUPERUSER")).await?;
        for way in Way::all(self.bundles) {
            problems.extend(self.differs(way, ", as a role that owns only its database", &expected).await);
        }
        Ok(problems)
    }

    async fn differs(&mut self, way: Way<'_>, role: &str, expected: &Catalog) -> Vec<Error> {
        match self.go(way).await {
            Err(error) => error.split().into_iter().map(|error| while_proving(error, way, role)).collect(),
            Ok(catalog) => {
                let differences = compare(expected, &catalog);
                let matters = |difference: &Difference| way.keeps_columns() || !is_column_order(difference);
                let errors = differences.into_iter().filter(matters).map(differing);
                errors.map(|error| while_proving(error, way, role)).collect()
            }
        }
    }

    /// Makes a database that way, and gives what it contains.
    async fn go(&mut self, way: Way<'_>) -> Result<Catalog> {
        let settings = self.database().await?;
        way.prepare(self.bundles, &settings).await?;
        let migrator = Migrator::new(self.bundles.iter().copied());
        migrator.run(&settings).await?;
        rests(&migrator, &settings).await?;
        content(&settings).await
    }

    async fn database(&mut self) -> Result<Settings> {
        self.databases += 1;
        let name = format!("{ROLE}_{}", self.databases);
        self.server(&format!("CREATE DATABASE {name} OWNER {ROLE}")).await?;
        let mut config = self.server.config();
        config.user(ROLE).dbname(&name);
        Ok(Settings::from(config))
    }

    async fn server(&self, sql: &str) -> Result<()> {
        let client = self.server.instance().connect("postgres").await?;
        client.batch_execute(sql).await.map_err(|error| {
            Error::new(ErrorKind::Sql, "the throwaway server refused what a proof needs").caused_by(error)
        })
    }
}

/// What a database contains, the history aside.
pub(super) async fn content(settings: &Settings) -> Result<Catalog> {
    let scope = Scope { leave_out: &["migrate"], ..Scope::default() };
    inspect(&settings.connect().await?.client, &scope).await
}

/// That nothing is left to do.
async fn rests(migrator: &Migrator<'_>, settings: &Settings) -> Result<()> {
    let report = migrator.run(settings).await?;
    let applied = report.applied.iter().map(|done| format!("patch `{}` of `{}`", done.version, done.bundle));
    let facts = report.facts.iter().map(|done| format!("the facts of `{}`", done.bundle));
    let twice = applied.chain(facts).map(|what| again(format!("a second boot applied {what} again")));
    let DryRun { facts, .. } = migrator.clone().facts_again().dry_run(settings).await?;
    let planned = facts.into_iter().map(|(bundle, sql)| {
        let error = again(format!("deploying the facts of `{bundle}` again changes something"));
        sql.iter().fold(error, |error, sql| error.note(sql.trim().to_owned()))
    });
    let broken = migrator.verify(settings).await.err().into_iter().flat_map(Error::split);
    Error::all(twice.chain(planned).chain(broken).collect::<Vec<_>>()).map_or(Ok(()), Err)
}

fn again(message: String) -> Error {
    Error::new(ErrorKind::Drift, message)
}

pub(super) fn is_column_order(difference: &Difference) -> bool {
    matches!(difference.change, Change::Changed { aspect: "order of columns", .. })
}

pub(super) fn differing(difference: Difference) -> Error {
    let error = Error::new(ErrorKind::Drift, difference.to_string());
    let error = difference.lines().into_iter().fold(error, Error::note);
    error.help("all ways must end alike: put what one of them lacks into a patch, or into a fact")
}

fn while_proving(error: Error, way: Way<'_>, role: &str) -> Error {
    error.context(format!("while proving: {way}{role}"))
}
