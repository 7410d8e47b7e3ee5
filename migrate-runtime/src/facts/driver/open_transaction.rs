use crate::facts::deploy_report::DeployReport;
use crate::session::reset::rolled_back;
use crate::session::server_process::ServerProcess;
use crate::session::session::Session;

/// A transaction that was begun.
pub(crate) struct OpenTransaction {
    pub(crate) worker: ServerProcess,
    /// Where names without a schema live.
    pub(crate) schema: String,
    /// Whether a commit would wait for a standby: that is waited for when it is made.
    pub(crate) synchronous: bool,
    pub(crate) failed: bool,
    /// The deployments that have something left to do after the commit.
    pub(crate) after: Vec<DeployReport>,
}

/// Rolls a transaction back; behind a pooler, also undoes what outlasts it.
pub(crate) fn taking_back(session: &Session) -> String {
    if session.direct { "ROLLBACK".to_owned() } else { rolled_back() }
}

/// The name of a driver's deployment in events.
pub(crate) const DEPLOYMENT: &str = "the deployment";
