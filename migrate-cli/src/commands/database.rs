use clap::{Args, Subcommand};
use embed_migrate_cluster::{Cluster, Database as Named, DatabaseEntry, DatabaseOptions};
use embed_migrate_core::Result;
use embed_migrate_runtime::Settings;
use serde_json::json;

use crate::options::format::Format;
use crate::output::confirm::confirm;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `database`: the databases of the URL's server.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Database {
    /// The command.
    #[command(subcommand)]
    verb: DatabaseVerb,
}

/// The commands on databases. Without a name, the database is the URL's.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DatabaseVerb {
    /// List the databases
    #[command(after_help = EXIT_CODES)]
    List {
        /// Also list templates
        #[arg(long)]
        all: bool,
        /// The format of the result on stdout
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show one database: owner, encoding, collation, size, comment, and number of connections
    #[command(after_help = EXIT_CODES)]
    Get {
        /// The database (default: the URL's)
        database: Option<String>,
        /// The format of the result on stdout
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check whether a database exists; exit code 3 if not
    #[command(after_help = EXIT_CODES)]
    Exists {
        /// The database (default: the URL's)
        database: Option<String>,
    },
    /// Create an empty database
    #[command(after_help = EXIT_CODES)]
    Create {
        /// The database (default: the URL's)
        database: Option<String>,
        /// The owner
        #[arg(long, value_name = "ROLE")]
        owner: Option<String>,
        /// The database to copy (default: template1, or template0 with --encoding, --locale or --collation)
        #[arg(long, value_name = "DATABASE")]
        template: Option<String>,
        /// The character set, such as UTF8
        #[arg(long)]
        encoding: Option<String>,
        /// The locale, such as C.UTF-8
        #[arg(long)]
        locale: Option<String>,
        /// The collation, if it differs from the locale
        #[arg(long)]
        collation: Option<String>,
        /// Revoke the right to connect from PUBLIC
        #[arg(long)]
        restricted: bool,
    },
    /// Drop a database and everything in it
    #[command(after_help = EXIT_CODES)]
    Drop {
        /// The database (default: the URL's)
        database: Option<String>,
        /// Confirm: this can't be undone
        #[arg(long)]
        yes: bool,
        /// End the sessions that use it
        #[arg(long)]
        end_sessions: bool,
    },
    /// Create a database as a copy of another one
    #[command(after_help = EXIT_CODES)]
    Clone {
        /// The database to copy
        source: String,
        /// The new database
        database: String,
        /// End the sessions that use the database to copy
        #[arg(long)]
        end_sessions: bool,
    },
    /// Rename a database
    #[command(after_help = EXIT_CODES)]
    Rename {
        /// The database
        database: String,
        /// Its new name
        to: String,
        /// End the sessions that use it
        #[arg(long)]
        end_sessions: bool,
    },
    /// Replace the contents of a database by a copy of another database
    #[command(after_help = EXIT_CODES)]
    Overwrite {
        /// The database
        database: String,
        /// The database to copy
        #[arg(long, value_name = "DATABASE")]
        with: String,
        /// Confirm: this can't be undone
        #[arg(long)]
        yes: bool,
        /// End the sessions that use either database
        #[arg(long)]
        end_sessions: bool,
    },
    /// Let only the owner, superusers and users with granted access connect
    #[command(after_help = EXIT_CODES)]
    Restrict {
        /// The database (default: the URL's)
        database: Option<String>,
    },
}

impl Database {
    pub(crate) async fn run(&self, settings: &Settings) -> Result<Exit> {
        let cluster = Cluster::connect(settings.clone()).await?;
        let named = |name: &Option<String>| match name {
            Some(name) => cluster.database(name),
            None => cluster.default_database(),
        };
        match &self.verb {
            DatabaseVerb::List { all, format } => list(&cluster, *all, *format).await?,
            DatabaseVerb::Get { database, format } => get(&named(database), *format).await?,
            DatabaseVerb::Exists { database } => return exists(&named(database)).await,
            DatabaseVerb::Create { database, .. } => {
                let database = named(database);
                database.create_with(&self.options()).await?;
                print::result(format_args!("created database {database}"));
            }
            DatabaseVerb::Drop { database, yes, end_sessions } => {
                let database = ending(named(database), *end_sessions);
                let entry = database.entry().await?;
                confirm(*yes, format!("database `{database}`{} would be dropped", holding(&entry)))?;
                database.drop().await?;
                print::result(format_args!("dropped database {database}"));
            }
            DatabaseVerb::Clone { source, database, end_sessions } => {
                let database = cluster.database(database);
                database.clone_from(&ending(cluster.database(source), *end_sessions)).await?;
                print::result(format_args!("created database {database}, a copy of {source}"));
            }
            DatabaseVerb::Rename { database, to, end_sessions } => {
                ending(cluster.database(database), *end_sessions).rename(to).await?;
                print::result(format_args!("renamed database {database} to {to}"));
            }
            DatabaseVerb::Overwrite { database, with, yes, end_sessions } => {
                let database = ending(cluster.database(database), *end_sessions);
                let entry = database.entry().await?;
                let lost = format!("the contents of database `{database}`{} would be lost", holding(&entry));
                confirm(*yes, lost)?;
                database.overwrite(&ending(cluster.database(with), *end_sessions)).await?;
                print::result(format_args!("overwrote database {database} with a copy of {with}"));
            }
            DatabaseVerb::Restrict { database } => {
                let database = named(database);
                database.restrict().await?;
                print::result(format_args!(
                    "restricted database {database} to those who were granted access"
                ));
            }
        }
        Ok(Exit::Done)
    }

    pub(crate) fn format(&self) -> Format {
        match &self.verb {
            DatabaseVerb::List { format, .. } | DatabaseVerb::Get { format, .. } => *format,
            _ => Format::Text,
        }
    }

    fn options(&self) -> DatabaseOptions {
        let mut options = DatabaseOptions::new();
        let DatabaseVerb::Create { owner, template, encoding, locale, collation, restricted, .. } =
            &self.verb
        else {
            return options;
        };
        type Set = fn(DatabaseOptions, String) -> DatabaseOptions;
        let set: [(_, Set); 5] = [
            (owner, DatabaseOptions::owner),
            (template, DatabaseOptions::template),
            (encoding, DatabaseOptions::encoding),
            (locale, DatabaseOptions::locale),
            (collation, DatabaseOptions::collation),
        ];
        for (value, set) in set {
            if let Some(value) = value {
                options = set(options, value.clone());
            }
        }
        if *restricted { options.restricted() } else { options }
    }
}

fn ending(database: Named, end_sessions: bool) -> Named {
    if end_sessions { database.ending_sessions() } else { database }
}

/// The size of what would be lost.
fn holding(entry: &DatabaseEntry) -> String {
    let size = entry.size.map(|size| format!(" ({})", bytes(size)));
    size.unwrap_or_default()
}

async fn exists(database: &Named) -> Result<Exit> {
    let there = database.exists().await?;
    print::result(format_args!("{database} {}", if there { "exists" } else { "does not exist" }));
    Ok(if there { Exit::Done } else { Exit::Different })
}

async fn get(database: &Named, format: Format) -> Result<()> {
    let entry = database.entry().await?;
    match format {
        Format::Json => print::result(value(&entry)),
        Format::Text => lines(&entry).iter().for_each(print::result),
    }
    Ok(())
}

fn lines(entry: &DatabaseEntry) -> Vec<String> {
    let DatabaseEntry { name, owner, encoding, collation, character_type, sessions, .. } = entry;
    let size = entry.size.map_or_else(|| "unknown to this role".to_owned(), bytes);
    let mut lines = vec![
        name.clone(),
        format!("owner: {owner}"),
        format!("encoding: {encoding}"),
        format!("collation: {collation}"),
        format!("character type: {character_type}"),
        format!("size: {size}"),
        format!("connected: {sessions}"),
    ];
    if entry.is_template {
        lines.push("template: every role that may create databases may clone it".to_owned());
    }
    if !entry.allows_connections {
        lines.push("closed: allows no connections".to_owned());
    }
    lines.extend(entry.comment.as_ref().map(|comment| format!("comment: {comment}")));
    lines
}

async fn list(cluster: &Cluster, all: bool, format: Format) -> Result<()> {
    let entries = cluster.databases().await?;
    let entries: Vec<_> = entries.into_iter().filter(|entry| all || !entry.is_template).collect();
    match format {
        Format::Json => print::result(json!({ "databases": entries.iter().map(value).collect::<Vec<_>>() })),
        Format::Text => entries.iter().for_each(|entry| print::result(line(entry))),
    }
    Ok(())
}

fn line(entry: &DatabaseEntry) -> String {
    let DatabaseEntry { name, owner, encoding, collation, sessions, .. } = entry;
    let size = entry.size.map_or_else(|| "size unknown".to_owned(), bytes);
    let closed = if entry.allows_connections { "" } else { ", allows no connections" };
    format!("{name} ({owner}, {encoding}, {collation}, {size}, {sessions} connected{closed})")
}

fn value(entry: &DatabaseEntry) -> serde_json::Value {
    json!({
        "name": entry.name,
        "owner": entry.owner,
        "encoding": entry.encoding,
        "collation": entry.collation,
        "character_type": entry.character_type,
        "size": entry.size,
        "sessions": entry.sessions,
        "is_template": entry.is_template,
        "allows_connections": entry.allows_connections,
        "comment": entry.comment,
    })
}

/// A size in the unit that fits.
fn bytes(size: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut size = size as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", units.get(unit).unwrap_or(&""))
}
