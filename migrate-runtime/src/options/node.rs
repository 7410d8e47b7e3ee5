use crate::settings::settings::Settings;

/// One server of several that are brought forward together, beside the one that a run is given.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is called in messages.
    pub name: String,
    /// Where it is.
    pub settings: Settings,
}
