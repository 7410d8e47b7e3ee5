//! Facts: claims about the database, as a bundle's `deploy.yaml` makes them.
//!
//! [`read`] reads them from [`Files`] and [`parse`] from a text, with a place for each and every problem at once;
//! a fact prints itself back as YAML. The language is told in `docs/facts.md`.

mod alias;
#[cfg(feature = "parse")]
mod as_sql;
mod budget;
mod check;
mod clash;
mod clauses;
mod column;
mod context;
mod csv;
mod data;
mod default;
mod digest;
mod directory;
mod embedded;
mod ending;
mod extension;
mod fact;
mod files;
mod function;
mod grant;
mod identity;
mod include;
mod index;
mod json;
mod label;
mod link;
mod name;
mod node;
mod of;
mod print;
mod printed;
mod read;
mod reader;
mod row_key;
mod rows;
mod rows_csv;
mod rows_list;
mod scalar;
mod schema;
mod source;
mod sql;
mod suggest;
mod table;
mod trigger;
mod types;
mod value;
mod view;
mod warnings;
mod within;
mod words;
mod yaml;

pub use alias::Alias;
#[cfg(feature = "parse")]
pub(crate) use as_sql::{as_sql, domains};
pub use check::Check;
pub use clash::clashes;
pub use column::Column;
pub use context::context;
pub use data::Data;
pub use default::Default;
pub use digest::{FactFile, digest};
pub use directory::{Directory, LARGEST_FILE};
pub use embedded::Embedded;
pub use ending::endings;
pub use extension::Extension;
pub use fact::{Claim, Fact};
pub use files::{FilePath, Files, Lookup};
pub use function::Function;
pub use grant::{Grant, Object};
pub use identity::{Generator, Identity, Member};
pub use include::Include;
pub use index::Index;
pub use label::TableName;
pub use link::{Link, OnDelete};
pub use name::mangle;
pub use print::print;
#[cfg(feature = "parse")]
pub(crate) use read::texts;
pub(crate) use read::value;
pub use read::{Facts, load, parse, read};
pub use row_key::{KeyPart, RowKey};
pub use rows::{Cell, Row, Rows, RowsIter};
pub use schema::Schema;
pub use sql::Sql;
#[cfg(feature = "parse")]
pub(crate) use suggest::nearest;
pub use table::{Key, Table};
pub use trigger::{Event, Timing, Trigger};
pub use types::Type;
pub use value::{Text, Value};
pub use view::View;
pub use warnings::warnings;
