//! SQL as PostgreSQL reads it: statements, and the rules that patches must keep.
//!
//! `script.rs` parses a text into statements, each with a `tree.rs`: `nesting.rs` protects the parser's stack,
//! `parser_input.rs` replaces what the parser does not know, `token_problems.rs` finds what it does not refuse, and
//! `syntax_error.rs` words a problem as the server does. `rules.rs` refuses statements, with `transaction.rs`,
//! `breaking_change.rs`, `batch.rs`, `session_effects.rs`, `advisory_unlock.rs` and `other_tools.rs`; `lint` finds hazards.
//! `outline.rs` describes statements for the runtime, and `token_checksum.rs` is the checksum that ignores comments.
//!
//! Squawk's lexer and parser are named in this module and in `lex` only. Its node kinds are compared with `==`, never
//! matched: a kind that a later release renames would silently become a catch-all.

mod advisory_unlock;
mod batch;
mod breaking_change;
mod function_calls;
mod lint;
mod lint_scope;
mod nesting;
mod other_tools;
mod outline;
mod parser_input;
mod rules;
mod script;
mod session_effects;
mod syntax_error;
mod token_checksum;
mod token_problems;
mod transaction;
mod tree;

pub(crate) use breaking_change::takes_away;
pub(crate) use lint::{GroupedHazards, Lint, LintResult, group_hazards};
pub use lint::{LintLevel, LintRule, RewrittenTable};
pub(crate) use other_tools::foreign;
pub(crate) use outline::outline;
pub(crate) use rules::{Rules, check, syntax};
pub(crate) use script::{ParsedStatement, Script};
pub(crate) use token_checksum::{checksum, former_checksum};
