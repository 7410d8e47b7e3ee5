use std::path::Path;
use std::process::Command;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::certificate::Certificate;
use super::pid_file::PidFile;
use super::profile::Profile;
use super::program_context::ProgramContext;
use super::server_address::{MAINTENANCE_DATABASES, ServerAddress};
use super::{listen_address, orphaned_server, port, server_conf, socket};
use crate::image::Image;
use crate::pg_hba::hba_file::update_block;
use crate::program::guard::{Guard, Signal};
use crate::program::log;
use crate::program::log::Log;
use crate::system::poll::PollTimer;

/// How long a start is repeated if the reason of its failure is temporary.
const PASSING: Duration = Duration::from_secs(10);

/// The timeout of one attempt to connect: a busy machine is slow, and an answer may be lost.
const ATTEMPT: Duration = Duration::from_secs(2);

/// A server that accepts connections, and its guard.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) guard: Guard,
    pub(crate) address: ServerAddress,
    /// A database that exists.
    pub(crate) maintenance_database: &'static str,
}

impl Server {
    /// Starts the server of the context's cluster and waits until it accepts connections. The cluster may still have
    /// to be unpacked from an image.
    pub(crate) async fn start(
        context: &ProgramContext,
        profile: &Profile,
        image: Option<Image>,
    ) -> Result<Server> {
        let data = context.directory.data();
        blocking(move || orphaned_server::stop(&data)).await??;
        update_block(&context.directory.data(), profile.is_open()).await?;
        if let Some(image) = image {
            return Server::unpacked(context, profile, image).await;
        }
        let mut timer = PollTimer::new(PASSING.min(profile.deadline));
        loop {
            match Server::attempt(context, profile).await? {
                Attempt::Ready(server) => return Ok(server),
                Attempt::Failed { error, passing } => {
                    if !passing || !timer.wait().await {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn attempt(context: &ProgramContext, profile: &Profile) -> Result<Attempt> {
        let mut start = Start::prepare(context, profile)?;
        start.guard.go();
        let mut timer = PollTimer::new(profile.deadline);
        loop {
            if let Some(maintenance_database) = accepts(&start.address).await {
                return Ok(Attempt::Ready(start.done(maintenance_database)));
            }
            if let Some(status) = start.guard.status() {
                let error = context.failed(&start.command, Some(status), &start.log);
                let error = if is_port_taken(&start.log) { port_in_use(profile, error) } else { error };
                let passing = is_passing(&start.log, profile);
                // Keeps the directory: the guard before this one watches over it.
                start.guard.release();
                return Ok(Attempt::Failed { error, passing });
            }
            if !timer.wait().await {
                return Err(start_timeout(context, profile, &start.log));
            }
        }
    }

    /// Starts a server while its databases are still being unpacked: it reads none before a client connects.
    ///
    /// `postmaster.pid` shows that it is ready: in a new cluster, no other process has written it. An additional
    /// connection would take a tenth of the whole time.
    async fn unpacked(context: &ProgramContext, profile: &Profile, image: Image) -> Result<Server> {
        let start = Start::prepare(context, profile)?;
        let (data, account, deadline) = (context.directory.data(), context.account.clone(), profile.deadline);
        let waited = move || {
            let mut start = start;
            image.unpack(&data, &account, || start.guard.go())?;
            let ready = ready(&mut start.guard, &data, deadline);
            Ok::<_, Error>((start, ready))
        };
        let (mut start, ready) = blocking(waited).await??;
        if ready {
            let [maintenance_database, ..] = MAINTENANCE_DATABASES;
            return Ok(start.done(maintenance_database));
        }
        match start.guard.status() {
            None => Err(start_timeout(context, profile, &start.log)),
            Some(_) if is_passing(&start.log, profile) => {
                let server = Box::pin(Server::start(context, profile, None)).await?;
                start.guard.release();
                Ok(server)
            }
            status => Err(context.failed(&start.command, status, &start.log)),
        }
    }
}

/// A server that is being started.
struct Start {
    guard: Guard,
    address: ServerAddress,
    command: Command,
    log: Log,
}

impl Start {
    fn prepare(context: &ProgramContext, profile: &Profile) -> Result<Start> {
        let (address, scratch) = socket::choose(context, profile)?;
        let command = command(context, profile, &address)?;
        if !context.throwaway {
            log::rotate(&context.directory.log())?;
        }
        let log = context.log()?;
        let end = if context.throwaway { Signal::Immediate } else { Signal::Fast };
        let guard = context.guard(&command, end, &log, scratch.as_deref())?;
        Ok(Start { guard, address, command, log })
    }

    fn done(self, maintenance_database: &'static str) -> Server {
        Server { guard: self.guard, address: self.address, maintenance_database }
    }
}

/// Waits until the server reports that it accepts connections, ends, or the limit is reached. Returns whether it
/// accepts connections.
fn ready(guard: &mut Guard, data: &Path, limit: Duration) -> bool {
    let mut timer = PollTimer::frequent(limit);
    loop {
        // A file that can't be read yet, or is incomplete, may be complete in a moment.
        if PidFile::read(data).is_ok_and(|file| file.is_some_and(|file| file.ready)) {
            return true;
        }
        if guard.status().is_some() || !timer.wait_blocking() {
            return false;
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| Error::new(ErrorKind::Instance, "a thread ended").caused_by(error))
}

enum Attempt {
    Ready(Server),
    Failed { error: Error, passing: bool },
}

/// Whether the error in the log is temporary: processes of a killed server have not ended yet, or another program
/// took the port that was free. The log is in English, since clusters that `migrate` makes have the C locale.
fn is_passing(log: &Log, profile: &Profile) -> bool {
    log.tail().contains("is still in use") || (profile.port == Some(0) && is_port_taken(log))
}

fn is_port_taken(log: &Log) -> bool {
    log.tail().contains("Address already in use")
}

fn port_in_use(profile: &Profile, error: Error) -> Error {
    let port = profile.port.unwrap_or_default();
    error.notes().iter().fold(port::in_use(port, "another program"), |error, note| error.note(note))
}

/// A database to connect to, once the server accepts connections.
async fn accepts(address: &ServerAddress) -> Option<&'static str> {
    tokio::time::timeout(ATTEMPT, address.maintenance_database()).await.ok().flatten()
}

fn start_timeout(context: &ProgramContext, profile: &Profile, log: &Log) -> Error {
    let clause = format!("the server accepts no connections after {:?}", profile.deadline);
    let place = Place::file(context.directory.path().display().to_string());
    log.explain(Error::new(ErrorKind::Instance, clause).at(place))
}

fn command(context: &ProgramContext, profile: &Profile, address: &ServerAddress) -> Result<Command> {
    let mut command = context.command("postgres")?;
    command.arg("-D").arg(context.directory.data());
    let file = server_conf::write(context.directory.path(), &context.directory.data(), &profile.settings)?;
    context.account.give(&file)?;
    command.arg("-c").arg(format!("config_file={}", file.display()));
    // As arguments, so that no setting changes the address.
    let addresses = if address.tcp { listen_address::list(&profile.listen) } else { String::new() };
    command.arg("-c").arg(format!("listen_addresses={addresses}"));
    command.arg("-c").arg(format!("port={}", address.port));
    if profile.is_open() {
        let certificate = Certificate::of(context.directory.path());
        certificate.ensure(&profile.listen)?;
        command.arg("-c").arg("ssl=on");
        command.arg("-c").arg(format!("ssl_cert_file={}", certificate.server().display()));
        command.arg("-c").arg(format!("ssl_key_file={}", certificate.key().display()));
    }
    command.arg("-c").arg(format!("unix_socket_directories={}", listed(&address.socket)));
    Ok(command)
}

/// A path as an element of a comma-separated list.
fn listed(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}
