//! To come.

mod settings;

pub use settings::{Canceller, Link, Settings, SslMode, pool_error};
