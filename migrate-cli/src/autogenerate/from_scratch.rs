use std::collections::BTreeSet;

use embed_migrate_cluster::{Installation, ProofServer};
use embed_migrate_core::catalog::{Catalog, Difference, DifferenceKind, compare};
use embed_migrate_core::{Bundle, Error, ErrorKind, FactsRevision, Result, Targets};
use embed_migrate_runtime::{
    FactsState, FactsStatus, Migrator, PatchState, Scope, Settings, Status, inspect,
};

use super::schemas::{explained, owner};

/// In what a database differs from what its bundles make on a throwaway server, up to the versions that the database has.
/// The inner error says why nobody can tell.
///
/// # Errors
///
/// The database can't be read.
pub(crate) async fn differences(
    migrator: &Migrator<'_>,
    settings: &Settings,
) -> Result<Result<Vec<Difference>>> {
    let history = migrator.history_schema();
    let status = migrator.status(settings).await?;
    let link = settings.connect().await?;
    let scope = Scope { leave_out: &[history], ..Scope::default() };
    let live = inspect(&link.client, &scope).await?;
    Ok(async {
        let reference = Reference::of(migrator.bundles(), &status)?;
        let made = reference.make(&live, settings, history).await?;
        Ok(compare(&made, &live).into_iter().filter(is_of_the_database).collect())
    }
    .await)
}

/// Whether a difference is one of the database. A server has the version of an extension that was installed on its machine.
fn is_of_the_database(difference: &Difference) -> bool {
    let version = matches!(difference.kind, DifferenceKind::Changed { aspect: "version", .. });
    !(version && difference.object.kind == "extension")
}

/// The bundles up to what a database has of them.
struct Reference {
    bundles: Vec<Bundle>,
    heads: Targets,
}

impl Reference {
    fn of(bundles: &[&Bundle], status: &Status) -> Result<Reference> {
        if let Some(problem) = &status.problem {
            let why = "the history does not fit the bundles, so what they make is not what the database should have";
            return Err(unknown(why).note(problem.message().to_owned()));
        }
        let mut heads = Targets::new();
        for patch in &status.patches {
            match patch.state {
                PatchState::Applied => {
                    let head = heads.entry(patch.bundle.clone()).or_insert(patch.version);
                    *head = patch.version.max(*head);
                }
                PatchState::Unknown => {
                    let why = format!(
                        "the database has {} {}, which no bundle here has",
                        patch.bundle, patch.version
                    );
                    return Err(unknown(why).help("give all bundles of this history, in the newest release"));
                }
                PatchState::Interrupted => {
                    let why = format!("{} {} was interrupted", patch.bundle, patch.version);
                    return Err(unknown(why).help("run `cargo migrate up` first, or `cargo migrate repair`"));
                }
                _ => {}
            }
        }
        let other = |facts: &&FactsStatus| facts.state != FactsState::Deployed;
        if let Some(facts) = status.facts.iter().find(other) {
            let why = format!("the facts of `{}` are {}", facts.bundle, facts.state.as_str());
            return Err(unknown(why).help("deploy this release's facts first"));
        }
        let deployed: BTreeSet<&str> = status.facts.iter().map(|facts| facts.bundle.as_str()).collect();
        let there = |bundle: &&&Bundle| heads.contains_key(bundle.name()) || deployed.contains(bundle.name());
        let bundles = bundles.iter().filter(there).map(|bundle| {
            Bundle::clone(bundle).with(|parts| parts.facts = parts.facts.take().map(FactsRevision::deployed))
        });
        Ok(Reference { bundles: bundles.collect(), heads })
    }

    /// What they make on a server of the same version as the database's, where all belongs to the role that owns most there.
    async fn make(&self, live: &Catalog, settings: &Settings, history: &str) -> Result<Catalog> {
        let variables = |name: &str| std::env::var(name).ok();
        let installation = Installation::of_version(live.server / 10_000, &variables)?;
        let role = owner(live).unwrap_or_else(|| settings.user().to_owned());
        let mut server = ProofServer::start(&installation, &role).await?;
        let made = server.filled(None, async |empty| self.run(empty).await).await;
        let made = match made {
            Ok(made) => server.catalog(&made, history).await,
            Err(error) => Err(explained(error, "what the bundles make")),
        };
        server.stop().await?;
        made
    }

    async fn run(&self, settings: &Settings) -> Result<()> {
        if self.bundles.is_empty() {
            return Ok(());
        }
        let heads = self.heads.clone();
        Migrator::new(&self.bundles).with(|options| options.targets = heads).run(settings).await.map(drop)
    }
}

fn unknown(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the catalog was not compared: {}", why.into()))
}
