//! Objects of the database as a whole: default privileges, event triggers, foreign data wrappers with their servers, and
//! publications. `generic_object.rs` holds the kinds without a model of their own, such as collations and operators.

mod default_grant;
mod event_trigger;
mod foreign;
mod generic_object;
mod publication;

pub use default_grant::DefaultGrant;
pub use event_trigger::EventTrigger;
pub use foreign::{ForeignDataWrapper, ForeignServer};
pub(crate) use foreign::{SERVER, USER_MAPPING, WRAPPER};
pub(crate) use generic_object::designation;
pub use generic_object::{GenericObject, Stage};
pub use publication::Publication;
pub(crate) use publication::published;
