//! What turns one catalog into another: operations as values, in an order that runs.
//!
//! `plan.rs` tells the story. `graph.rs` and `table_graph.rs` find the nodes of each catalog (`node.rs`) and what each
//! needs; `evaluation.rs` adds what the bodies of functions name. `transition.rs` matches the nodes of both by name and follows each change to what depends on it;
//! `replacement.rs` says what can only be dropped and created again. `step.rs` makes steps of that, `claims.rs` says which
//! steps give up names, and `schedule.rs` sorts the steps. `drop.rs`, `alter/` and `create.rs` print their statements
//! (`casts.rs`: how a column's values get another type);
//! `loss.rs` and `locks.rs` say what they cost. `operation.rs` is the result, `options.rs` says what counts, and `object.rs` names its objects.

mod alter;
mod casts;
mod claims;
mod create;
mod drop;
mod evaluation;
mod graph;
mod locks;
mod loss;
mod node;
mod object;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod operation;
mod options;
mod plan;
mod replacement;
mod schedule;
mod step;
mod table_graph;
mod transition;

pub use operation::{Action, LockMode, Loss, Operation, TableLock};
pub use options::PlanOptions;
pub use plan::{Plan, plan};
