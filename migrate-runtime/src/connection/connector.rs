use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode as ClientSslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls, Socket};

use super::failure::{ConnectFailure, ConnectFailures, FailureCause, PasswordSource};
use super::notice_stream::Notices;
use super::session_state::SessionState;
use crate::connection::tls::tls;
use crate::connection::tls::tls::Tls;
use crate::settings::endpoint::Endpoint;
use crate::settings::passfile;
use crate::settings::settings::Settings;
use crate::settings::sslmode::SslMode;
use crate::settings::target::TargetSession;

/// Opens connections: the settings, and the certificates they name, read once.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) settings: Settings,
    /// `None` if no connection is encrypted.
    pub(super) tls: Option<Tls>,
}

/// A connection that was opened.
pub(super) struct EstablishedConnection {
    pub(super) client: Client,
    pub(super) driver: JoinHandle<()>,
    pub(super) notices: Notices,
    /// Why it is not encrypted, if TLS was tried first and failed.
    pub(super) unencrypted: Option<String>,
}

impl Connector {
    /// Reads the certificates.
    ///
    /// # Errors
    ///
    /// `Settings` for a certificate or key that is needed and can't be used.
    pub(super) fn new(settings: &Settings) -> embed_migrate_core::Result<Connector> {
        let plain = settings.endpoints.iter().all(Endpoint::is_socket);
        let tls = if plain { None } else { tls::new(&settings.ssl)? };
        Ok(Connector { settings: settings.clone(), tls })
    }

    /// Tries each host in turn, and each of its addresses; all of them again if the first choice was not among them.
    pub(super) async fn open(&self) -> Result<EstablishedConnection, ConnectFailures> {
        let mut failures = Vec::new();
        let endpoints = self.shuffled(self.settings.endpoints.clone());
        for target in self.settings.target.rounds() {
            failures.clear();
            for endpoint in &endpoints {
                match self.open_endpoint(endpoint, target, &mut failures).await {
                    Some(opened) => return Ok(opened),
                    // The server understood us and said no: libpq asks no other one then.
                    None if failures.last().is_some_and(ConnectFailure::is_final) => {
                        return Err(ConnectFailures(failures));
                    }
                    None => {}
                }
            }
        }
        Err(ConnectFailures(failures))
    }

    async fn open_endpoint(
        &self,
        endpoint: &Endpoint,
        target: TargetSession,
        failures: &mut Vec<ConnectFailure>,
    ) -> Option<EstablishedConnection> {
        let (base, secret) = self.authenticated(endpoint);
        let addresses = match self.resolve(endpoint).await {
            Ok(addresses) => addresses,
            Err(cause) => {
                failures.push(self.failure(endpoint, &secret, cause));
                return None;
            }
        };
        for address in addresses {
            match self.open_address(endpoint, &endpoint.config(&base, address), target).await {
                Ok(opened) => return Some(opened),
                Err(cause) => failures.push(self.failure(endpoint, &secret, cause)),
            }
            // A server that is not what was asked for is so at its other addresses too.
            if failures.last().is_some_and(|failure| failure.is_final() || failure.cause.is_unfit()) {
                break;
            }
        }
        None
    }

    /// The configuration with the password for this host, and the origin of the password.
    fn authenticated(&self, endpoint: &Endpoint) -> (Config, PasswordSource) {
        let mut config = self.settings.base.clone();
        if let Some((password, origin)) = &self.settings.password {
            config.password(password);
            return (config, PasswordSource::Given(origin.clone()));
        }
        let Some((path, named)) = &self.settings.passfile else {
            return (config, PasswordSource::None(None));
        };
        let (port, database) = (endpoint.port.to_string(), self.settings.database());
        let wanted = [endpoint.passfile_name(), &port, database, self.settings.user()];
        let found = passfile::look_up(path, named.as_ref(), wanted);
        match found.password {
            Some((password, line)) => {
                config.password(password);
                (config, PasswordSource::File(path.clone(), line))
            }
            None => (config, PasswordSource::None(found.note)),
        }
    }

    async fn resolve(&self, endpoint: &Endpoint) -> Result<Vec<Option<IpAddr>>, FailureCause> {
        if endpoint.is_socket() || endpoint.address.is_some() {
            return Ok(vec![endpoint.address]);
        }
        let lookup = tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port));
        let found = within(self.settings.timeout, lookup).await?.map_err(FailureCause::Lookup)?;
        let mut addresses: Vec<Option<IpAddr>> = Vec::new();
        for address in found.map(|address| Some(address.ip())) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(self.shuffled(addresses))
    }

    /// One address, with TLS and without, as `sslmode` wants it.
    async fn open_address(
        &self,
        endpoint: &Endpoint,
        config: &Config,
        target: TargetSession,
    ) -> Result<EstablishedConnection, FailureCause> {
        let (first, second) = if endpoint.is_socket() {
            (ClientSslMode::Disable, None)
        } else {
            attempts(self.settings.ssl.mode)
        };
        let cause = match self.attempt(config, first, target).await {
            Ok(opened) => return Ok(opened),
            Err(cause) => cause,
        };
        match second.filter(|_| cause.is_about_tls()) {
            Some(mode) => match self.attempt(config, mode, target).await {
                Ok(opened) => {
                    let unencrypted = (mode == ClientSslMode::Disable).then(|| cause.to_string());
                    Ok(EstablishedConnection { unencrypted, ..opened })
                }
                Err(second) => Err(cause.followed_by(second, mode)),
            },
            None => Err(cause),
        }
    }

    async fn attempt(
        &self,
        config: &Config,
        mode: ClientSslMode,
        target: TargetSession,
    ) -> Result<EstablishedConnection, FailureCause> {
        let mut config = config.clone();
        config.ssl_mode(mode);
        let opened = async {
            match &self.tls {
                Some(tls) => open(&config, tls.clone(), target).await,
                None => open(&config, NoTls, target).await,
            }
        };
        within(self.settings.timeout, opened).await?
    }

    fn failure(&self, endpoint: &Endpoint, secret: &PasswordSource, cause: FailureCause) -> ConnectFailure {
        ConnectFailure {
            endpoint: endpoint.clone(),
            user: self.settings.user().to_owned(),
            database: self.settings.database().to_owned(),
            mode: self.settings.ssl.mode,
            target: self.settings.target,
            secret: secret.clone(),
            cause,
            note: self.settings.note.clone(),
        }
    }

    fn shuffled<T>(&self, mut list: Vec<T>) -> Vec<T> {
        if self.settings.shuffle {
            list.sort_by_cached_key(|_| RandomState::new().hash_one(0));
        }
        list
    }
}

async fn open<T>(
    config: &Config,
    tls: T,
    target: TargetSession,
) -> Result<EstablishedConnection, FailureCause>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static>,
{
    let (opened, reported) = {
        let (client, connection) = config.connect(tls).await.map_err(FailureCause::Client)?;
        let is = |name| connection.parameter(name).map(|value| value == "on");
        let reported = is("default_transaction_read_only").zip(is("in_hot_standby"));
        let notices = Notices::default();
        let driver = tokio::spawn(notices.clone().drive(connection));
        (EstablishedConnection { client, driver, notices, unencrypted: None }, reported)
    };
    if target == TargetSession::Any {
        return Ok(opened);
    }
    let state = match reported {
        Some((read_only, standby)) => Ok(SessionState { read_only, standby }),
        None => SessionState::ask(&opened.client).await,
    };
    match state.map(|state| target.refuses(state)) {
        Ok(None) => Ok(opened),
        Ok(Some(why)) => {
            opened.driver.abort();
            Err(FailureCause::Unfit(why))
        }
        Err(error) => {
            opened.driver.abort();
            Err(FailureCause::Client(error))
        }
    }
}

/// What to try first, and what to try if that fails because of TLS.
fn attempts(mode: SslMode) -> (ClientSslMode, Option<ClientSslMode>) {
    match mode {
        SslMode::Disable => (ClientSslMode::Disable, None),
        SslMode::Allow => (ClientSslMode::Disable, Some(ClientSslMode::Require)),
        SslMode::Prefer => (ClientSslMode::Prefer, Some(ClientSslMode::Disable)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (ClientSslMode::Require, None),
    }
}

async fn within<F: Future>(timeout: Option<Duration>, future: F) -> Result<F::Output, FailureCause> {
    match timeout {
        Some(timeout) => {
            tokio::time::timeout(timeout, future).await.map_err(|_| FailureCause::Timeout(timeout))
        }
        None => Ok(future.await),
    }
}
