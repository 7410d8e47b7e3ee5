use std::path::Path;
use std::process::Command;
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Place, Result};

use crate::Profile;
use crate::address::Address;
use crate::guard::{Guard, Signal};
use crate::log::Log;
use crate::orphan;
use crate::pace::Pace;
use crate::port;
use crate::site::Site;
use crate::socket;

/// How long a start is repeated that failed for a reason that passes.
const PASSING: Duration = Duration::from_secs(10);

/// How long one attempt to connect may take: a busy machine is slow, a lost answer must not hang us.
const ATTEMPT: Duration = Duration::from_secs(2);

/// A server that accepts connections, and its guard.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) guard: Guard,
    pub(crate) address: Address,
}

impl Server {
    /// Starts the server of the site's cluster, and waits until it accepts connections.
    pub(crate) async fn start(site: &Site, profile: &Profile) -> Result<Server> {
        let data = site.state.data();
        let ended = tokio::task::spawn_blocking(move || orphan::end(&data)).await;
        ended.map_err(|error| Error::new(ErrorKind::Instance, "a thread ended").caused_by(error))??;
        let mut pace = Pace::new(PASSING.min(profile.deadline));
        loop {
            match Server::attempt(site, profile).await? {
                Attempt::Ready(server) => return Ok(server),
                Attempt::Failed { error, passing } => {
                    if !passing || !pace.step().await {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn attempt(site: &Site, profile: &Profile) -> Result<Attempt> {
        let (address, scratch) = socket::choose(site, profile)?;
        let command = command(site, profile, &address)?;
        let log = site.log()?;
        let end = if site.throwaway { Signal::Immediate } else { Signal::Fast };
        let mut guard = site.guard(&command, end, &log, scratch.as_deref())?;
        let mut pace = Pace::new(profile.deadline);
        while !accepts(&address).await {
            if let Some(status) = guard.status() {
                let error = site.failed(&command, Some(status), &log);
                let error = if is_port_taken(&log) { taken(profile, error) } else { error };
                let passing = passing(&log, profile);
                // The directory stays: the guard before this one watches over it.
                guard.release();
                return Ok(Attempt::Failed { error, passing });
            }
            if !pace.step().await {
                return Err(late(site, profile, &log));
            }
        }
        Ok(Attempt::Ready(Server { guard, address }))
    }
}

enum Attempt {
    Ready(Server),
    Failed { error: Error, passing: bool },
}

/// Whether what the log says will pass: processes of a killed server are not gone yet, or the port that we
/// found free was taken. The log is in English, since a cluster of ours has the C locale.
fn passing(log: &Log, profile: &Profile) -> bool {
    log.tail().contains("is still in use") || (profile.port == Some(0) && is_port_taken(log))
}

fn is_port_taken(log: &Log) -> bool {
    log.tail().contains("Address already in use")
}

fn taken(profile: &Profile, error: Error) -> Error {
    let port = profile.port.unwrap_or_default();
    error.notes().iter().fold(port::in_use(port, "another program"), |taken, note| taken.note(note))
}

async fn accepts(address: &Address) -> bool {
    matches!(tokio::time::timeout(ATTEMPT, address.connect("postgres")).await, Ok(Ok(_)))
}

fn late(site: &Site, profile: &Profile, log: &Log) -> Error {
    let clause = format!("the server accepts no connections after {:?}", profile.deadline);
    let place = Place::file(site.state.path().display().to_string());
    log.explain(Error::new(ErrorKind::Instance, clause).at(place))
}

fn command(site: &Site, profile: &Profile, address: &Address) -> Result<Command> {
    let mut command = site.command("postgres")?;
    command.arg("-D").arg(site.state.data());
    for (name, value) in &profile.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    // Last, so that no setting moves the server to where we do not look.
    let addresses = if address.tcp { "127.0.0.1" } else { "" };
    command.arg("-c").arg(format!("listen_addresses={addresses}"));
    command.arg("-c").arg(format!("port={}", address.port));
    command.arg("-c").arg(format!("unix_socket_directories={}", listed(&address.socket)));
    Ok(command)
}

/// A path as an element of a comma-separated list.
fn listed(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}
