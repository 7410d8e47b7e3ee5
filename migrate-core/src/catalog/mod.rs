//! What a database contains, as `pg_catalog` says: one model, in the server's own words.
//!
//! This is for the crates of the workspace; users get its results by way of the facade.
//!
//! [`Catalog`] holds all objects, one file for each kind. `ddl/` prints a catalog as SQL that creates it;
//! `operation/` plans the way from one catalog to another; `compare/` lists the differences between two catalogs
//! (`difference/`), with the SQL that removes them.

mod acl;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod catalog;
mod column;
mod compare;
mod constraint;
mod database;
mod ddl;
mod difference;
mod function;
mod index;
mod namespace;
mod object_part;
mod operation;
mod printing;
mod rule;
mod sequence;
mod statistics;
mod table;
mod trigger;
mod types;

pub(crate) use acl::{AclItem, PRIVILEGES, role};
pub use catalog::Catalog;
pub use column::{Column, Generation};
pub use compare::compare;
pub use constraint::{Constraint, ConstraintKind, Reference, ReferentialAction};
pub(crate) use database::published;
pub use database::{
    DefaultGrant, EventTrigger, ForeignDataWrapper, ForeignServer, GenericObject, Publication, Stage,
};
pub use ddl::DdlScript;
pub(crate) use ddl::Dependents;
pub(crate) use ddl::with_options;
pub use difference::{CatalogObject, Difference, DifferenceKind};
pub use function::{Function, FunctionKind};
pub use index::Index;
pub use namespace::{Extension, Namespace, Oid, QualifiedName};
pub use object_part::ObjectPart;
pub use operation::{Action, LockMode, Loss, Operation, Plan, PlanOptions, TableLock, plan};
pub use printing::PRINTING;
pub use rule::Rule;
pub use sequence::Sequence;
pub use statistics::Statistics;
pub use table::{Partition, Policy, Relation, RowPresence, Table};
pub use trigger::Trigger;
pub use types::{DataType, TypeKind};
