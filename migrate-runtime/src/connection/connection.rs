use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

#[cfg(feature = "deadpool")]
use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::{Client, NoTls};

use super::link::DirectConnection;
use super::notice_stream::Notices;
use crate::report::event::Event;

pub(crate) const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// A connection on loan from a pool, or one of our own.
pub(crate) enum Connection {
    #[cfg(feature = "deadpool")]
    Pooled(Object, Option<Notices>),
    Own(DirectConnection),
    #[cfg(feature = "deadpool")]
    Taken(ClientWrapper, Option<Notices>),
}

impl Connection {
    /// Takes it out of its pool: what was used for work never returns there. Dropping it closes the socket.
    pub(crate) fn take(self) -> Connection {
        match self {
            #[cfg(feature = "deadpool")]
            Connection::Pooled(object, notices) => Connection::Taken(Object::take(object), notices),
            Connection::Own(link) => Connection::Own(link),
            #[cfg(feature = "deadpool")]
            taken @ Connection::Taken(..) => taken,
        }
    }
}

impl Connection {
    /// Whether a pool lent it, so that it may have been used before.
    pub(crate) fn is_pooled(&self) -> bool {
        match self {
            Connection::Own(_) => false,
            #[cfg(feature = "deadpool")]
            Connection::Pooled(..) => true,
            #[cfg(feature = "deadpool")]
            Connection::Taken(..) => false,
        }
    }

    /// The server's notices; `None` if another task reads the connection, as it does for a pool
    /// that is not ours or had the connection before.
    pub(crate) fn notices(&self) -> Option<&Notices> {
        match self {
            Connection::Own(link) => Some(&link.notices),
            #[cfg(feature = "deadpool")]
            Connection::Pooled(_, notices) | Connection::Taken(_, notices) => notices.as_ref(),
        }
    }

    /// Says that it is not encrypted, if the user may expect that it is. A pool's connection does not show it.
    pub(crate) fn tell(&self, tell: &(dyn Fn(&Event) + Send + Sync)) {
        match self {
            Connection::Own(link) => link.tell(tell),
            #[cfg(feature = "deadpool")]
            Connection::Pooled(..) | Connection::Taken(..) => {}
        }
    }

    /// Asks the server, over another connection, to stop what it does for this one. A server that can't be
    /// asked notices by itself that this one is closed.
    pub(crate) fn cancel(&self) -> impl Future<Output = ()> + Send + use<> {
        let own = match self {
            Connection::Own(link) => Some(link.canceller()),
            #[cfg(feature = "deadpool")]
            Connection::Pooled(..) | Connection::Taken(..) => None,
        };
        let token = self.cancel_token();
        async move {
            match own {
                Some(canceller) => drop(canceller.cancel().await),
                None => drop(tokio::time::timeout(CANCEL_WAIT, token.cancel_query(NoTls)).await),
            }
        }
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        match self {
            #[cfg(feature = "deadpool")]
            Connection::Pooled(object, _) => object,
            Connection::Own(link) => &link.client,
            #[cfg(feature = "deadpool")]
            Connection::Taken(client, _) => client,
        }
    }
}
