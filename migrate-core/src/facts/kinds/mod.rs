//! One file for each kind of fact: its clauses, how it is read and how it is printed. `fact.rs` finds out the kind and
//! calls the file. A table contains facts and an include does too, so those three files need each other.

mod alias;
mod column;
mod constraints;
mod data;
mod extension;
mod fact;
mod function;
mod grant;
mod identity;
mod include;
mod index;
mod link;
mod partition;
mod policy;
mod schema;
mod sql;
mod table;
mod trigger;
mod view;

pub use alias::AliasFact;
pub use column::ColumnFact;
pub use constraints::{CheckFact, ExcludeFact, ForeignKeyFact, KeyFact};
pub use data::DataFact;
pub use extension::ExtensionFact;
pub use fact::{Claim, Fact};
pub use function::FunctionFact;
pub use grant::{GrantFact, GrantTarget};
pub use identity::{Generator, IdentityFact, IdentityMember};
pub use include::IncludeFact;
pub use index::IndexFact;
pub use link::LinkFact;
pub use partition::PartitionFact;
pub use policy::PolicyFact;
pub use schema::SchemaFact;
pub use sql::SqlFact;
pub use table::{RowSecurity, SurrogateKey, TableFact};
pub use trigger::{TriggerEvent, TriggerFact, TriggerTiming};
pub use view::ViewFact;
