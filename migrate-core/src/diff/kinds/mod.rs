//! One file for each kind of fact: the changes that make such a fact true. An identity may have generators, whose
//! trigger is in `generator.rs` and whose function body is in `generator_body.rs`.

mod alias;
mod check;
mod column;
mod constraint;
mod extension;
mod function;
mod generator;
mod generator_body;
mod grant;
mod identity;
mod index;
mod index_key;
mod link;
mod partition;
mod policy;
mod schema;
mod table;
mod trigger;
mod view;
