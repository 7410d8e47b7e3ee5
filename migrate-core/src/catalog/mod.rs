//! What a database contains, as `pg_catalog` says: one pure model, in the server's own words.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod catalog;
mod column;
mod compare;
mod constraint;
mod ddl;
mod event_trigger;
mod foreign;
mod function;
mod grant;
mod index;
mod namespace;
mod part;
mod privilege;
mod publication;
mod rule;
mod sequence;
mod statistics;
mod table;
mod trigger;
mod types;

pub use catalog::Catalog;
pub use column::{Column, Generation};
pub use compare::{Change, Difference, Object, compare};
pub use constraint::{Action, Constraint, ConstraintKind, Reference};
pub use ddl::Ddl;
pub(crate) use ddl::with_options;
pub use event_trigger::EventTrigger;
pub use foreign::{Server, Wrapper};
pub use function::{Function, FunctionKind};
pub use grant::DefaultGrant;
pub use index::Index;
pub use namespace::{Extension, Name, Namespace};
pub use part::Part;
pub(crate) use privilege::{Item, PRIVILEGES, parse_role, privilege, role};
pub use publication::Publication;
pub use rule::Rule;
pub use sequence::Sequence;
pub use statistics::Statistics;
pub use table::{Partition, Policy, Relation, Rows, Table};
pub use trigger::Trigger;
pub use types::{DataType, TypeKind};

/// The number by which the server knows an object; it stays when the object is renamed.
///
/// Objects that a plan is about to make have numbers of the plan's own.
pub type Oid = u32;

/// Settings that change how the server prints, and what they are while it prints for us. In `pg_catalog, pg_temp`,
/// unlike in an empty path, nobody's temporary objects come before the server's own.
pub const PRINTING: [(&str, &str); 9] = [
    ("search_path", "pg_catalog, pg_temp"),
    ("quote_all_identifiers", "off"),
    ("standard_conforming_strings", "on"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("lc_monetary", "C"),
];
