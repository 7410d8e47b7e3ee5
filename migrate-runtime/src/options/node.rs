use crate::settings::settings::Settings;

/// A server that is migrated together with the run's own.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name in messages.
    pub name: String,
    /// How to connect to it.
    pub settings: Settings,
}
