//! A clinic's study registry: a small web service with an embedded database schema.
//!
//! Without `DATABASE_URL` it runs a PostgreSQL server of its own, in a state directory. It first migrates the database to
//! the state of `migrations/`, then it serves.

mod boot;
mod database;
mod health;
mod participant;
mod problem;
mod say;
mod serve;
mod stop;
mod study;
mod visit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use embed_migrate::{Result, cli};

use crate::boot::migrator;
use crate::database::Database;
use crate::stop::Stop;

/// A clinic's study registry.
///
/// The database is that of the variable DATABASE_URL, or else one on a PostgreSQL server of its own, whose programs must
/// be installed.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The directory of its own database (default: .state; /var/lib/example-app for root, if the server's user can't enter
    /// .state)
    #[arg(long, value_name = "DIRECTORY", global = true)]
    state: Option<PathBuf>,
    /// The address to listen on; port 0 takes a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: String,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate the database by hand
    #[command(subcommand)]
    Migrate(cli::Command),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command, state, listen } = Arguments::parse();
    match command {
        Some(Command::Migrate(command)) => by_hand(command, state).await,
        None => run(state, &listen).await.map_or_else(cli::failed, |()| ExitCode::SUCCESS),
    }
}

async fn by_hand(command: cli::Command, state: Option<PathBuf>) -> ExitCode {
    let mut database = None;
    let open = async || {
        let database = database.insert(Database::open(state.as_deref()).await?);
        Ok(database.settings.clone())
    };
    let exit = command.run(migrator(), open).await;
    match database {
        Some(database) => database.close().await.map_or_else(cli::failed, |()| exit),
        None => exit,
    }
}

async fn run(state: Option<PathBuf>, listen: &str) -> Result<()> {
    let stop = Stop::listen()?;
    // Giving up on what was begun leaves nothing behind: no patch in halves, no server.
    let Some(opened) = stop.or(Database::open(state.as_deref())).await else { return Ok(()) };
    let database = opened?;
    let outcome = match stop.or(boot::boot(&database)).await {
        Some(Ok(pool)) => serve::serve(pool, listen, &stop).await,
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    let closed = database.close().await;
    outcome.and(closed)
}
