use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio::task::JoinHandle;
use tokio_postgres::{CancelToken, Client, NoTls};

use super::connector::{Connector, EstablishedConnection};
use super::notice_stream::Notices;
use super::server_wait::ServerWait;
use crate::connection::tls::tls::Tls;
use crate::report::event::Event;
use crate::settings::settings::Settings;

/// A connection of its own, outside any pool; dropping it closes the socket at once.
pub struct DirectConnection {
    /// The client, which works for as long as the link lives.
    pub client: Client,
    driver: ConnectionTask,
    tls: Option<Tls>,
    unencrypted: Option<String>,
    pub(crate) notices: Notices,
}

/// The task that works for the client; it ends when this is dropped.
struct ConnectionTask(JoinHandle<()>);

impl DirectConnection {
    /// Why the connection is not encrypted, if `sslmode=prefer` (the default) tried TLS first and it failed, on account
    /// of the server's certificate or of a rule in `pg_hba.conf`. A server that has no TLS at all is no reason.
    pub fn unencrypted(&self) -> Option<&str> {
        self.unencrypted.as_deref()
    }

    /// What cancels this connection's running query, from anywhere.
    pub fn canceller(&self) -> Canceller {
        Canceller { token: self.client.cancel_token(), tls: self.tls.clone() }
    }
}

impl DirectConnection {
    /// Tells the server that the connection ends, and closes it. Dropping it only closes the socket, which the server does
    /// not notice if a forked process holds it as well.
    pub(crate) async fn close(self) {
        let DirectConnection { client, mut driver, .. } = self;
        drop(client);
        // It has said goodbye when it is done; what is in its way ends with it.
        drop(tokio::time::timeout(GOODBYE, &mut driver.0).await);
    }

    /// Says that the connection is not encrypted, if the user may expect that it is.
    pub(crate) fn tell(&self, tell: &(dyn Fn(&Event) + Send + Sync)) {
        if let Some(why) = self.unencrypted() {
            tell(&Event::Unencrypted { why: why.to_owned() });
        }
    }
}

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

impl Drop for ConnectionTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::fmt::Debug for DirectConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectConnection").field("closed", &self.client.is_closed()).finish_non_exhaustive()
    }
}

/// Cancels the query that runs on a [`DirectConnection`], over a connection of its own with the same TLS.
#[derive(Clone)]
pub struct Canceller {
    token: CancelToken,
    tls: Option<Tls>,
}

/// How long a cancellation may take: the caller has stopped waiting already.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Canceller {
    /// Asks the server to cancel; it does not say whether anything was running.
    ///
    /// # Errors
    ///
    /// `Connect` if the server is not reached within 5 seconds.
    pub async fn cancel(&self) -> Result<()> {
        let refused = || Error::new(ErrorKind::Connect, "the request to cancel did not reach the server");
        let cancel = async {
            match &self.tls {
                Some(tls) => self.token.cancel_query(tls.clone()).await,
                None => self.token.cancel_query(NoTls).await,
            }
        };
        match tokio::time::timeout(TIMEOUT, cancel).await {
            Ok(answer) => answer.map_err(|error| refused().caused_by(error)),
            Err(_) => Err(refused().note(format!("no answer in {} s", TIMEOUT.as_secs()))),
        }
    }
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token holds the connection's secret key.
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}

impl Settings {
    /// Connects, trying hosts, addresses and TLS in libpq's order; needs a tokio runtime.
    ///
    /// Each attempt at an address (look-up, socket, TLS and login) may take `connect_timeout`. A server
    /// that refuses the login ends the search; one that is down, starting up or not what
    /// `target_session_attrs` wants does not. Unlike libpq, `prefer` and `allow` try the other way only
    /// if TLS or `pg_hba.conf` was the trouble, not after a wrong password.
    ///
    /// A password that was not given is looked up in the password file, host by host. Certificates and
    /// password file are read again each time.
    ///
    /// # Errors
    ///
    /// `Connect`, with host, port, user and database, and where the password came from; `Settings` for a
    /// certificate or key that can't be used.
    #[doc(hidden)]
    pub async fn connect(&self) -> Result<DirectConnection> {
        let connector = Connector::new(self)?;
        let EstablishedConnection { client, driver, unencrypted, notices } = connector.open().await?;
        Ok(DirectConnection {
            client,
            driver: ConnectionTask(driver),
            tls: connector.tls,
            unencrypted,
            notices,
        })
    }

    /// Connects as [`Settings::connect`] does, and tries again for up to `wait` while there is no server, it is full, or it
    /// is not what `target_session_attrs` wants; `tell` hears why.
    ///
    /// # Errors
    ///
    /// As [`Settings::connect`], of the last try.
    #[doc(hidden)]
    pub async fn connect_within(
        &self,
        wait: Duration,
        tell: &(dyn Fn(&Event) + Send + Sync),
    ) -> Result<DirectConnection> {
        let mut server_wait = ServerWait::new(wait, tell);
        loop {
            match self.connect().await {
                Ok(link) => {
                    link.tell(tell);
                    return Ok(link);
                }
                Err(error) => server_wait.again(error).await?,
            }
        }
    }
}
