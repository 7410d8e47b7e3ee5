use crate::Settings;

/// One server of several that are brought forward together, beside the one that a run is given.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is called in messages.
    pub name: String,
    /// Where it is.
    pub settings: Settings,
}

/// How servers hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// There is one, whatever else is found.
    Single,
    /// Each node by itself gets every patch: copies that share nothing, such as shards or a server a tenant.
    List,
}
