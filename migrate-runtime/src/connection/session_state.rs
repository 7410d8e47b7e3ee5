use tokio_postgres::Client;

use crate::settings::target::TargetSession;

/// What a server said of itself when it let us in; it says nothing of either before PostgreSQL 14.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionState {
    /// Whether a transaction can't write unless it asks to.
    pub(crate) read_only: bool,
    pub(crate) standby: bool,
}

impl SessionState {
    /// Asks for it.
    pub(crate) async fn ask(client: &Client) -> Result<SessionState, tokio_postgres::Error> {
        const ASK: &str =
            "SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery()";
        let messages = client.simple_query(ASK).await?;
        let row = crate::connection::rows::rows(&messages).next();
        let is = |column, text| row.and_then(|row| row.get(column)) == Some(text);
        Ok(SessionState { read_only: is(0, "on"), standby: is(1, "t") })
    }
}

impl TargetSession {
    /// Why a server is not it, in libpq's words.
    pub(crate) fn refuses(self, state: SessionState) -> Option<&'static str> {
        let read_only = state.read_only || state.standby;
        match self {
            TargetSession::Any | TargetSession::PreferStandby => None,
            TargetSession::ReadWrite => read_only.then_some("session is read-only"),
            TargetSession::ReadOnly => (!read_only).then_some("session is not read-only"),
            TargetSession::Primary => state.standby.then_some("server is in hot standby mode"),
            TargetSession::Standby => (!state.standby).then_some("server is not in hot standby mode"),
        }
    }
}
