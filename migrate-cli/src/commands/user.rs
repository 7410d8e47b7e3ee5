use clap::{Args, Subcommand};
use embed_migrate_cluster::{Cluster, Host, UserEntry, UserOptions};
use embed_migrate_core::Result;
use embed_migrate_runtime::Settings;
use serde_json::json;

use crate::options::format::Format;
use crate::options::password::{PasswordSource, missing};
use crate::output::confirm::confirm;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `user`: the users of the URL's server.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct User {
    /// The command.
    #[command(subcommand)]
    verb: UserVerb,
}

/// The commands on users.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum UserVerb {
    /// List the users, with their databases and hosts
    #[command(after_help = EXIT_CODES)]
    List {
        /// The format of the result on stdout
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show one user
    #[command(after_help = EXIT_CODES)]
    Show {
        /// The user
        user: String,
        /// The format of the result on stdout
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Create a user
    #[command(after_help = EXIT_CODES)]
    Create {
        /// The user
        user: String,
        /// Where the password comes from.
        #[command(flatten)]
        password: PasswordSource,
        /// A database to grant access to; may be repeated
        #[arg(long, value_name = "DATABASE")]
        database: Vec<String>,
        /// A host that the user may connect from, such as 10.0.0.0/8, db.example or any; may be repeated
        #[arg(long, value_name = "HOST")]
        host: Vec<Host>,
        /// Make the user a superuser
        #[arg(long)]
        superuser: bool,
    },
    /// Change a user's password
    #[command(after_help = EXIT_CODES)]
    Password {
        /// The user
        user: String,
        /// Where the password comes from.
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Rename a user
    #[command(after_help = EXIT_CODES)]
    Rename {
        /// The user
        user: String,
        /// The new name
        to: String,
    },
    /// Set the hosts that a user may connect from; without hosts, pg_hba.conf decides
    #[command(after_help = EXIT_CODES)]
    Hosts {
        /// The user
        user: String,
        /// The hosts, such as 10.0.0.0/8, db.example or any
        host: Vec<Host>,
    },
    /// Grant a user access to databases
    #[command(after_help = EXIT_CODES)]
    Grant {
        /// The user
        user: String,
        /// The databases
        #[arg(required = true)]
        database: Vec<String>,
    },
    /// Revoke a user's access to databases
    #[command(after_help = EXIT_CODES)]
    Revoke {
        /// The user
        user: String,
        /// The databases
        #[arg(required = true)]
        database: Vec<String>,
    },
    /// Make a user a superuser
    #[command(after_help = EXIT_CODES)]
    Superuser {
        /// The user
        user: String,
        /// Make the user an ordinary user again
        #[arg(long)]
        off: bool,
    },
    /// Drop a user
    #[command(after_help = EXIT_CODES)]
    Drop {
        /// The user
        user: String,
        /// Confirm: this can't be undone
        #[arg(long)]
        yes: bool,
        /// The new owner of everything that the user owns
        #[arg(long, value_name = "ROLE")]
        reassign_to: Option<String>,
        /// End the user's sessions
        #[arg(long)]
        end_sessions: bool,
    },
}

impl User {
    pub(crate) async fn run(&self, settings: &Settings) -> Result<Exit> {
        let cluster = Cluster::connect(settings.clone()).await?;
        match &self.verb {
            UserVerb::List { format } => show(&cluster.users().await?, *format),
            UserVerb::Show { user, format } => {
                let entry = cluster.user(user).entry().await?;
                show(std::slice::from_ref(&entry), *format);
                split(&cluster, &entry.hosts).await?;
            }
            UserVerb::Create { user, password, database, host, superuser } => {
                let mut options = UserOptions::new();
                if let Some(password) = password.read()? {
                    options = options.password(password);
                }
                options = database.iter().fold(options, UserOptions::database);
                options = host.iter().cloned().fold(options, UserOptions::host);
                if *superuser {
                    options = options.superuser();
                }
                cluster.user(user).create(&options).await?;
                print::result(format_args!("created user {user}"));
                split(&cluster, host).await?;
            }
            UserVerb::Password { user, password } => {
                let password = password.read()?.ok_or_else(missing)?;
                cluster.user(user).set_password(&password).await?;
                print::result(format_args!("changed the password of user {user}"));
            }
            UserVerb::Rename { user, to } => {
                cluster.user(user).rename(to).await?;
                print::result(format_args!("renamed user {user} to {to}"));
            }
            UserVerb::Hosts { user, host } => {
                cluster.user(user).set_hosts(host).await?;
                let (reached, unreached) = split(&cluster, host).await?;
                let says = match (reached.as_slice(), unreached.as_slice()) {
                    (_, []) => hosts(host),
                    ([], unreached) => format!("{} once the server listens there", hosts(unreached)),
                    (reached, unreached) => {
                        format!(
                            "{}, and from {} once the server listens there",
                            hosts(reached),
                            hosts(unreached)
                        )
                    }
                };
                print::result(format_args!("user {user} may connect from {says}"));
            }
            UserVerb::Grant { user, database } => {
                for database in database {
                    cluster.user(user).grant(database).await?;
                    print::result(format_args!("granted user {user} access to {database}"));
                }
            }
            UserVerb::Revoke { user, database } => {
                for database in database {
                    cluster.user(user).revoke(database).await?;
                    print::result(format_args!("revoked user {user}'s access to {database}"));
                }
            }
            UserVerb::Superuser { user, off } => {
                cluster.user(user).set_superuser(!off).await?;
                let now = if *off { "no superuser any more" } else { "a superuser" };
                print::result(format_args!("user {user} is {now}"));
            }
            UserVerb::Drop { user, yes, reassign_to, end_sessions } => {
                let mut dropped = cluster.user(user);
                dropped.entry().await?;
                confirm(*yes, format!("user `{user}` would be dropped"))?;
                if *end_sessions {
                    dropped = dropped.ending_sessions();
                }
                match reassign_to {
                    Some(heir) => dropped.drop_reassigning(heir).await?,
                    None => dropped.drop().await?,
                }
                print::result(format_args!("dropped user {user}"));
            }
        }
        Ok(Exit::Done)
    }

    pub(crate) fn format(&self) -> Format {
        match &self.verb {
            UserVerb::List { format } | UserVerb::Show { format, .. } => *format,
            _ => Format::Text,
        }
    }
}

fn show(entries: &[UserEntry], format: Format) {
    match format {
        Format::Json => print::result(json!({ "users": entries.iter().map(value).collect::<Vec<_>>() })),
        Format::Text => entries.iter().for_each(|entry| print::result(line(entry))),
    }
}

fn line(entry: &UserEntry) -> String {
    let superuser = if entry.superuser { "superuser, " } else { "" };
    let databases = match entry.databases.is_empty() {
        true => "no database".to_owned(),
        false => entry.databases.join(", "),
    };
    format!("{} ({superuser}from {}: {databases})", entry.name, hosts(&entry.hosts))
}

/// Splits hosts into those that can reach the server, and the others, with a warning for these.
async fn split(cluster: &Cluster, hosts: &[Host]) -> Result<(Vec<Host>, Vec<Host>)> {
    if hosts.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let listening = cluster.listen_addresses().await?;
    let (reached, unreached): (Vec<Host>, Vec<Host>) =
        hosts.iter().cloned().partition(|host| listening.reaches(host));
    if !unreached.is_empty() {
        let from = unreached.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", ");
        print::progress(format_args!(
            "warning: the server listens on {listening} only: nobody can connect from {from}"
        ));
        if let Some(instance) = &listening.instance {
            print::progress(format_args!(
                "  help: `cargo migrate instance listen {instance} ADDRESS...` changes that"
            ));
        }
    }
    Ok((reached, unreached))
}

fn hosts(hosts: &[Host]) -> String {
    match hosts {
        [] => "wherever pg_hba.conf says".to_owned(),
        hosts => hosts.iter().map(Host::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn value(entry: &UserEntry) -> serde_json::Value {
    let hosts: Vec<String> = entry.hosts.iter().map(Host::to_string).collect();
    json!({
        "name": entry.name,
        "superuser": entry.superuser,
        "databases": entry.databases,
        "hosts": hosts,
    })
}
