use super::link::Link;
use super::notice_stream::Notices;
use crate::report::event::Event;
use deadpool_postgres::ClientWrapper;
use deadpool_postgres::Object;
use std::future::Future;
use std::ops::Deref;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres::NoTls;

pub(crate) const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// A connection on loan from a pool, or one of our own.
pub(crate) enum Connection {
    Pooled(Object, Option<Notices>),
    Own(Link),
    Taken(ClientWrapper, Option<Notices>),
}

impl Connection {
    /// Takes it out of its pool: what was used for work never returns there. Dropping it closes the socket.
    pub(crate) fn take(self) -> Connection {
        match self {
            Connection::Pooled(object, notices) => Connection::Taken(Object::take(object), notices),
            own => own,
        }
    }
}

impl Connection {
    /// What the server says beside its answers; nothing where another task reads the connection, as it does for a pool
    /// that is not ours or had the connection before.
    pub(crate) fn notices(&self) -> Option<&Notices> {
        match self {
            Connection::Own(link) => Some(&link.notices),
            Connection::Pooled(_, notices) | Connection::Taken(_, notices) => notices.as_ref(),
        }
    }

    /// Says that it is not encrypted, where somebody may believe that it is; a pool's can't tell.
    pub(crate) fn tell(&self, tell: &(dyn Fn(&Event) + Send + Sync)) {
        if let Connection::Own(link) = self {
            link.tell(tell);
        }
    }

    /// Asks the server, over another connection, to stop what it does for this one. A server that can't be
    /// asked notices by itself that this one is closed.
    pub(crate) fn cancel(&self) -> impl Future<Output = ()> + Send + use<> {
        let own = match self {
            Connection::Own(link) => Some(link.canceller()),
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
            Connection::Pooled(object, _) => object,
            Connection::Own(link) => &link.client,
            Connection::Taken(client, _) => client,
        }
    }
}
