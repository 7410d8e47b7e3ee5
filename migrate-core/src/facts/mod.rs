//! Facts: claims about the database, as a bundle's `deploy.yaml` makes them.
//!
//! [`read`] opens the first file through [`Files`] (`files/`); `document/` parses its YAML or JSON into nodes that know
//! their places; `language/` reads the clauses of a fact, and `kinds/` has one file for each kind of fact, with the rows
//! of data facts in `data/` and single values in `values/`. `checks/` then looks at all facts together. A fact prints
//! itself back as YAML (`print.rs`). A user's guide to the language is `docs/facts.md`.

#[cfg(feature = "parse")]
mod as_sql;
mod bundle_facts;
mod checks;
mod context;
mod data;
mod document;
mod files;
mod kinds;
mod language;
mod print;
mod read;
mod values;

#[cfg(feature = "parse")]
pub(crate) use as_sql::{as_sql, domains};
pub use checks::{clashes, endings, warnings};
pub use context::context;
pub use data::{Cell, DataRows, DataRowsIter, Row};
pub use files::{DirectoryFiles, EmbeddedFiles, FactFile, FilePath, Files, LARGEST_FILE, Lookup, digest};
pub use kinds::{
    AliasFact, CheckFact, Claim, ColumnFact, DataFact, ExcludeFact, ExtensionFact, Fact, ForeignKeyFact,
    FunctionFact, Generator, GrantFact, GrantTarget, IdentityFact, IdentityMember, IncludeFact, IndexFact,
    KeyFact, LinkFact, PartitionFact, PolicyFact, RowSecurity, SchemaFact, SqlFact, SurrogateKey, TableFact,
    TriggerEvent, TriggerFact, TriggerTiming, ViewFact,
};
#[cfg(feature = "parse")]
pub(crate) use language::nearest;
pub(crate) use language::sql_type;
pub use language::{CollationName, ColumnDefault, DeclaredType, Deferrable, OnDelete, TableName, mangle};
pub use print::print;
#[cfg(feature = "parse")]
pub(crate) use read::texts;
pub(crate) use read::value;
pub use read::{FactSet, load, parse, read};
pub use values::{KeyPart, RowKey, SourceText, Value};
