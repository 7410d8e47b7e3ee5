use embed_migrate_cluster::{Installation, Throwaway};
use embed_migrate_core::catalog::{Catalog, Difference, compare};
use embed_migrate_core::{Bundle, Error, ErrorKind, Result};
use embed_migrate_runtime::{DryRun, Migrator, Settings};

use super::catalog_comparison::{content, difference_error, is_column_order};
use super::down_patches::back_and_forth;
use super::setup_method::SetupMethod;

/// Proves on a throwaway server that bundles make the same database by every setup method.
///
/// - They boot; booting again applies nothing, deploying the facts again changes nothing, and the facts hold.
/// - Patches that are applied one by one, each in a run of its own, give the same catalog as all at once.
/// - So do the patches that a baseline replaces, as long as the directory has them.
/// - So does the create tree, with the patches after it.
/// - The way back of a patch (`NAME.down.sql`) leaves what the patch found, and the patch can be applied again, columns'
///   order aside; that of a concurrent patch statement by statement.
/// - So does each hotfix that comes after patches of higher versions, column order aside.
/// - All of this also holds for a role that is no superuser and owns only its database.
///
/// Facts are deployed after all patches, as at boot. PostgreSQL's programs are found by [`Installation::find`], with this
/// process's environment.
///
/// ```no_run
/// use embed_migrate::{Bundle, embed_migrations};
///
/// static MIGRATIONS: Bundle = embed_migrations!("../migrations");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate::Result<()> {
/// embed_migrate::testing::prove(&[&MIGRATIONS]).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Each refused boot and each difference, as an error of its own that names the setup method. If the very first boot is
/// refused, that error alone. `NotInstalled` or `Instance` if there is no server.
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

/// The role that owns all databases, so that owners are equal in all of them. It stops being a superuser halfway.
const ROLE: &str = "prove";

impl Proof<'_> {
    async fn all(&mut self) -> Result<Vec<Error>> {
        self.server(&format!("CREATE ROLE {ROLE} LOGIN SUPERUSER")).await?;
        let expected = self
            .set_up(SetupMethod::AtOnce)
            .await
            .map_err(|error| while_proving(error, SetupMethod::AtOnce, ""))?;
        let mut problems = Vec::new();
        for method in SetupMethod::all(self.bundles).into_iter().skip(1) {
            problems.extend(self.differs(method, "", &expected).await);
        }
        problems.extend(back_and_forth(self.bundles, async || self.database().await).await?);
        self.server(&format!("ALTER ROLE {ROLE} NOSUPERUSER")).await?;
        for method in SetupMethod::all(self.bundles) {
            problems.extend(self.differs(method, ", as a role that owns only its database", &expected).await);
        }
        Ok(problems)
    }

    async fn differs(&mut self, method: SetupMethod<'_>, role: &str, expected: &Catalog) -> Vec<Error> {
        match self.set_up(method).await {
            Err(error) => error.split().into_iter().map(|error| while_proving(error, method, role)).collect(),
            Ok(catalog) => {
                let differences = compare(expected, &catalog);
                let matters =
                    |difference: &Difference| method.keeps_columns() || !is_column_order(difference);
                let errors = differences.into_iter().filter(matters).map(difference_error);
                errors.map(|error| while_proving(error, method, role)).collect()
            }
        }
    }

    /// Makes a database by a setup method, and reads its catalog.
    async fn set_up(&mut self, method: SetupMethod<'_>) -> Result<Catalog> {
        let settings = self.database().await?;
        method.prepare(self.bundles, &settings).await?;
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
            Error::new(ErrorKind::Sql, "the throwaway server refused a statement of the proof")
                .caused_by(error)
        })
    }
}

/// Checks that a second boot has nothing left to do.
async fn rests(migrator: &Migrator<'_>, settings: &Settings) -> Result<()> {
    let report = migrator.run(settings).await?;
    let applied = report.applied.iter().map(|done| format!("patch `{}` of `{}`", done.version, done.bundle));
    let facts = report.facts.iter().map(|done| format!("the facts of `{}`", done.bundle));
    let twice = applied.chain(facts).map(|what| again(format!("a second boot applied {what} again")));
    let DryRun { facts, .. } =
        migrator.clone().with(|options| options.facts_again = true).dry_run(settings).await?;
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

fn while_proving(error: Error, method: SetupMethod<'_>, role: &str) -> Error {
    error.context(format!("while proving: {method}{role}"))
}
