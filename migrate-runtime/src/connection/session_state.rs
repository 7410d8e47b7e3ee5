use crate::settings::target::Target;
use tokio_postgres::Client;

/// What a server said of itself when it let us in; it says nothing of either before PostgreSQL 14.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    /// Whether a transaction can't write unless it asks to.
    pub(crate) read_only: bool,
    pub(crate) standby: bool,
}

impl State {
    /// Asks for it.
    pub(crate) async fn ask(client: &Client) -> Result<State, tokio_postgres::Error> {
        const ASK: &str =
            "SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery()";
        let messages = client.simple_query(ASK).await?;
        let row = crate::connection::rows::rows(&messages).next();
        let is = |column, text| row.and_then(|row| row.get(column)) == Some(text);
        Ok(State { read_only: is(0, "on"), standby: is(1, "t") })
    }
}

impl Target {
    /// Why a server is not it, in libpq's words.
    pub(crate) fn refuses(self, state: State) -> Option<&'static str> {
        let read_only = state.read_only || state.standby;
        match self {
            Target::Any | Target::PreferStandby => None,
            Target::ReadWrite => read_only.then_some("session is read-only"),
            Target::ReadOnly => (!read_only).then_some("session is not read-only"),
            Target::Primary => state.standby.then_some("server is in hot standby mode"),
            Target::Standby => (!state.standby).then_some("server is not in hot standby mode"),
        }
    }
}
