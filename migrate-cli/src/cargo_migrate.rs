use std::env::{self, VarError};
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use embed_migrate_core::{Bundle, Error, ErrorKind, Result};
use embed_migrate_runtime::{Migrator, Settings, Topology};

use crate::commands::admin::Admin;
use crate::commands::command::Command;
use crate::directory::options::DirectoryOptions;
use crate::options::connection_url::{parse, unreadable};
use crate::output::exit::{EXIT_CODES, failed, misunderstood};

/// Write, check, lock and apply the patches and facts of a PostgreSQL database.
///
/// The database is the one of `--database-url`, or of the variable DATABASE_URL, or else of libpq's variables (PGSERVICE,
/// PGHOST, PGUSER, PGDATABASE …), `~/.pg_service.conf` and `~/.pgpass`.
#[derive(Parser)]
#[command(name = "cargo-migrate", bin_name = "cargo migrate", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: AnyCommand,
    #[command(flatten)]
    directory: DirectoryOptions,
    /// The database: a postgresql:// URL or a `key=value` string, such as `service=NAME`
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// Another server to migrate with it: a node of a replicated set, or one of a list; may be repeated. `status`, `verify`
    /// and `drift` show it too
    #[arg(long, value_name = "NAME=URL", global = true)]
    node: Vec<String>,
    /// Replication type (single, list, logical, slony); detected if omitted
    #[arg(long, value_name = "TOPOLOGY", global = true)]
    topology: Option<Topology>,
    /// A replication slot whose reader follows schema changes by itself, such as Debezium; may be repeated
    #[arg(long, value_name = "SLOT", global = true)]
    ignore_slot: Vec<String>,
}

/// Every command.
#[derive(Subcommand)]
#[command(after_help = EXIT_CODES)]
enum AnyCommand {
    #[command(flatten)]
    Command(Command),
    #[command(flatten)]
    Admin(Admin),
}

/// The program `cargo-migrate`: the commands on directories of patches, with the process's arguments and environment.
pub fn cargo_migrate() -> ExitCode {
    match Arguments::try_parse_from(arguments()) {
        Ok(arguments) => run(&arguments).unwrap_or_else(failed),
        Err(error) => misunderstood(&error),
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { command, directory, database_url, node, topology, ignore_slot } = arguments;
    let bundles: Vec<Bundle> = match command {
        AnyCommand::Command(command) if command.needs_bundles() => directory.bundles()?,
        AnyCommand::Command(_) | AnyCommand::Admin(_) => Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Error::new(ErrorKind::Unsupported, format!("the runtime does not start: {error}")).caused_by(error)
    })?;
    let mut migrator =
        Migrator::new(&bundles).with(|options| options.application = Some("cargo migrate".into()));
    for node in node {
        let (name, url) = node.split_once('=').ok_or_else(|| not_a_node(node))?;
        migrator = migrator.node(name, parse(url)?);
    }
    if let Some(topology) = topology {
        migrator = migrator.topology(*topology);
    }
    migrator = migrator.with(|options| options.ignored_slots.extend(ignore_slot.iter().cloned()));
    let variables = |name: &str| env::var(name).ok();
    if let AnyCommand::Command(command) = command {
        migrator = command.prepare(migrator, &variables, || settings(database_url.as_deref()))?;
    }
    let database = async || settings(database_url.as_deref());
    Ok(runtime.block_on(async {
        match command {
            AnyCommand::Command(command) => command.run(migrator, database).await,
            AnyCommand::Admin(admin) => admin.run(&|name| env::var(name).ok(), database).await,
        }
    }))
}

/// The arguments without the word that cargo puts before those of a subcommand.
fn arguments() -> impl Iterator<Item = OsString> {
    let is_word = |(index, word): &(usize, OsString)| *index == 1 && word == "migrate";
    env::args_os().enumerate().filter(move |argument| !is_word(argument)).map(|(_, argument)| argument)
}

fn not_a_node(node: &str) -> Error {
    // It may be a URL, with a password in it.
    let name: String = node.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
    Error::new(ErrorKind::Settings, format!("`{name}…` is not a node")).help("write `--node NAME=URL`")
}

/// The settings for the database. If neither option nor variable names one, an error of connecting says so.
fn settings(url: Option<&str>) -> Result<Settings> {
    let from_variable = url.is_none();
    let (url, unsaid) = match (url, env::var("DATABASE_URL")) {
        (Some(url), _) => (url.to_owned(), "`--database-url` is empty"),
        (None, Ok(url)) => (url, "the variable `DATABASE_URL` is empty"),
        (None, Err(VarError::NotPresent)) => {
            (String::new(), "neither `--database-url` nor the variable `DATABASE_URL` is set")
        }
        (None, Err(VarError::NotUnicode(_))) => return Err(unreadable("DATABASE_URL")),
    };
    let settings = parse(&url).map_err(|error| match from_variable && is_its_own(&url, &error) {
        true => error.note("it is from the variable `DATABASE_URL`"),
        false => error,
    })?;
    Ok(match url.trim().is_empty() {
        true => settings.note(format!("{unsaid}: libpq's variables and defaults are used")),
        false => settings,
    })
}

/// Whether an error is of the URL itself, and not of a variable beside it.
fn is_its_own(url: &str, error: &Error) -> bool {
    Settings::parse(url, &|_| None).is_err_and(|alone| alone.message() == error.message())
}
