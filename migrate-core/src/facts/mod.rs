//! Facts: claims about the database, as a bundle's `deploy.yaml` makes them.
//!
//! [`parse`] reads them, with a place for each and every problem at once; a fact prints itself back as YAML.

mod alias;
mod check;
mod column;
mod data;
mod extension;
mod fact;
mod function;
mod grant;
mod identity;
mod include;
mod index;
mod label;
mod link;
mod schema;
mod sql;
mod table;
mod trigger;
mod types;
mod value;
mod view;

pub use alias::Alias;
pub use check::Check;
pub use column::{Column, Default};
pub use data::{Data, Row, Rows};
pub use extension::Extension;
pub use fact::{Claim, Fact};
pub use function::Function;
pub use grant::{Grant, Object};
pub use identity::{Generator, Identity, Member};
pub use include::Include;
pub use index::Index;
pub use label::TableName;
pub use link::{Link, OnDelete};
pub use schema::Schema;
pub use sql::Sql;
pub use table::{Key, Table};
pub use trigger::{Event, Timing, Trigger};
pub use types::Type;
pub use value::{Text, Value};
pub use view::View;
