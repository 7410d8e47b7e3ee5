//! SQL as PostgreSQL reads it: statements, tokens and the rules that patches keep.
//!
//! Squawk's lexer and parser stand behind this module and nowhere else. Its node kinds are compared with
//! `==`, never matched: a kind that a later release renames would silently become a catch-all.

mod calls;
mod foreign;
mod lexical;
mod lint;
mod nesting;
mod outline;
mod readable;
mod rules;
mod script;
mod session;
mod syntax;
mod tokens;
mod tree;
mod unlock;

pub(crate) use foreign::foreign;
pub(crate) use lint::{Gathered, Lint, Outcome, gathered};
pub use lint::{LintLevel, LintRule, Rewritten};
pub(crate) use outline::outline;
pub(crate) use rules::{Rules, check, syntax};
pub(crate) use script::{Script, Statement};
pub(crate) use tokens::{checksum, former_checksum};
