use std::path::Path;

use embed_migrate_cluster::{Installation, ProofServer, run_sql_file};
use embed_migrate_core::catalog::Catalog;
use embed_migrate_core::{Bundle, DeclaredSchema, Error, ErrorKind, FactsRevision, Result, quote};
use embed_migrate_runtime::{Migrator, Scope, Settings, inspect};

use super::diff_bundle::DiffBundle;
use crate::directory::label::label;

/// Where a difference leads to.
#[derive(Debug)]
pub(crate) enum Target {
    /// The bundle's facts.
    Facts,
    /// The bundle's declared schema.
    Declared,
    /// A database.
    Database(Box<Settings>),
    /// What another bundle makes.
    Bundle(Box<Bundle>),
}

/// The two states, on a throwaway server.
pub(crate) struct Schemas {
    pub(crate) server: ProofServer,
    /// A database with what is there.
    pub(crate) base: Settings,
    /// What is there.
    pub(crate) from: Catalog,
    /// What is to be there.
    pub(crate) to: Catalog,
    /// What the patches of all bundles make.
    pub(crate) made: Catalog,
    /// What the other bundles make.
    pub(crate) others: Option<Catalog>,
}

impl Schemas {
    /// Makes both states; `live` is the database to start from, if it is not what the patches make.
    pub(crate) async fn make(
        bundle: &DiffBundle,
        live: Option<&Settings>,
        target: &Target,
        history: &str,
    ) -> Result<Schemas> {
        let from = read(live, history).await?;
        let to = match target {
            Target::Database(settings) => read(Some(settings), history).await?,
            Target::Facts | Target::Declared | Target::Bundle(_) => None,
        };
        let mut server = server(from.as_ref().or(to.as_ref()), live, target).await?;
        let others = match bundle.others.is_empty() {
            true => None,
            false => Some(server.filled(None, async |empty| run(&bundle.others, empty).await).await?),
        };
        let before = bundle.before();
        let base = server.filled(others.as_ref(), async |other| run(&before, other).await).await;
        let mut base = base.map_err(|error| explained(error, "what the patches make"))?;
        let made = server.catalog(&base, history).await?;
        let to = match to {
            Some(to) => to,
            None => {
                let database = declared(&mut server, bundle, target, others.as_ref(), &base).await?;
                server.catalog(&database, history).await?
            }
        };
        let from = match from {
            None => made.clone(),
            Some(from) => {
                let text = from.ddl().to_string();
                let again = server.filled(None, async |empty| remake(empty, &text).await).await;
                base = again.map_err(|error| explained(error, "the database's schema again"))?;
                from
            }
        };
        let others = match others {
            Some(others) => Some(server.catalog(&others, history).await?),
            None => None,
        };
        Ok(Schemas { server, base, from, to, made, others })
    }
}

/// A database with what is declared.
async fn declared(
    server: &mut ProofServer,
    bundle: &DiffBundle,
    target: &Target,
    others: Option<&Settings>,
    base: &Settings,
) -> Result<Settings> {
    match target {
        Target::Facts => {
            let deployed = |bundle: &Bundle| {
                bundle.clone().with(|parts| parts.facts = parts.facts.take().map(FactsRevision::deployed))
            };
            let all: Vec<Bundle> = bundle.others.iter().cloned().chain([deployed(&bundle.bundle)]).collect();
            let made = server.filled(Some(base), async |copy| run(&all, copy).await).await;
            made.map_err(|error| explained(error, "what the facts declare"))
        }
        Target::Declared => {
            let Some(schema) = bundle.bundle.declared_schema() else { return server.empty().await };
            let (path, first) = (&bundle.path, bundle.bundle.schema());
            let made = server.filled(others, async |empty| create(empty, path, schema, first).await).await;
            made.map_err(|error| explained(error, "the declared schema"))
        }
        Target::Bundle(other) => {
            let made = server.filled(None, async |empty| match other.declared_schema() {
                Some(schema) => {
                    let path = Path::new(other.directory().unwrap_or_default());
                    create(empty, path, schema, other.schema()).await
                }
                None => run(std::slice::from_ref(other.as_ref()), empty).await,
            });
            made.await.map_err(|error| explained(error, "what the other bundle makes"))
        }
        Target::Database(_) => server.empty().await,
    }
}

/// The catalog of a database that is not ours.
async fn read(settings: Option<&Settings>, history: &str) -> Result<Option<Catalog>> {
    let Some(settings) = settings else { return Ok(None) };
    let link = settings.connect().await?;
    let scope = Scope { leave_out: &[history], ..Scope::default() };
    Ok(Some(inspect(&link.client, &scope).await?))
}

/// A server of the version that the databases have, on which the role is the one that owns most there.
async fn server(catalog: Option<&Catalog>, live: Option<&Settings>, target: &Target) -> Result<ProofServer> {
    // The command line may read the environment.
    let variables = |name: &str| std::env::var(name).ok();
    let Some(catalog) = catalog else {
        return ProofServer::start(&Installation::find(&variables)?, "postgres").await;
    };
    let installation = Installation::of_version(catalog.server / 10_000, &variables)?;
    let user = match target {
        Target::Database(settings) => live.unwrap_or(settings).user(),
        Target::Facts | Target::Declared | Target::Bundle(_) => live.map_or("postgres", Settings::user),
    };
    ProofServer::start(&installation, &owner(catalog).unwrap_or_else(|| user.to_owned())).await
}

/// The role that owns most tables.
pub(super) fn owner(catalog: &Catalog) -> Option<String> {
    let mut owners: Vec<&str> = catalog.tables.values().map(|table| table.owner.as_str()).collect();
    owners.sort_unstable();
    let most = owners.chunk_by(|one, next| one == next).max_by_key(|same| same.len())?;
    most.first().map(|owner| (*owner).to_owned())
}

/// Applies bundles, each by its create tree if it has one.
async fn run(bundles: &[Bundle], settings: &Settings) -> Result<()> {
    if bundles.iter().all(|bundle| bundle.head().is_none() && bundle.facts().is_none()) {
        return Ok(());
    }
    let has_tree = bundles.iter().any(|bundle| bundle.create_tree().is_some());
    let migrator = Migrator::new(bundles).with(|options| options.create_tree = has_tree);
    migrator.run(settings).await.map(drop)
}

async fn create(
    settings: &Settings,
    path: &Path,
    schema: &DeclaredSchema,
    first: Option<&str>,
) -> Result<()> {
    let path_of = first.map(|first| format!("{}, public", quote::identifier(first)));
    for (file, text) in schema.files.iter() {
        run_sql_file(settings, &label(&path.join(file.as_ref())), text, path_of.as_deref()).await?;
    }
    Ok(())
}

async fn remake(settings: &Settings, text: &str) -> Result<()> {
    run_sql_file(settings, "the database's schema", text, None).await
}

/// Says what was being made, and what to install if that is the reason.
pub(super) fn explained(error: Error, what: &str) -> Error {
    let text = error.to_string();
    let missing = text.lines().find_map(|line| {
        let (_, rest) = line.split_once("extension \"")?;
        let (name, rest) = rest.split_once('"')?;
        rest.trim_start().starts_with("is not available").then(|| name.to_owned())
    });
    let error = error.context(format!("while making {what} on a throwaway server"));
    match missing {
        Some(name) if error.advice().is_none() && error.kind() != ErrorKind::NotInstalled => {
            error.help(format!("install the package with the extension `{name}` on this machine: the throwaway server needs it"))
        }
        _ => error,
    }
}
