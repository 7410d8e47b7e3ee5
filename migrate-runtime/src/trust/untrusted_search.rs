use std::collections::BTreeSet;
use std::error::Error as _;

use embed_migrate_core::{Bundle, Error, HISTORY_BUNDLE, escape_controls, quote};

use super::trusted_roles::is_trusted;
use super::untrusted_object::UntrustedObject;
use crate::options::options::Options;

const OTHER_OWNERS: &str = include_str!("other_owners.sql");
const PREDEFINED_OWNERS: &str = include_str!("predefined_owners.sql");
const UNTRUSTED_OBJECTS: &str = include_str!("untrusted_objects.sql");

/// The message of the error that ends a patch's transaction: only a failing cast can report what was found.
pub(crate) const FOUND: &str = "migrate found ";
pub(crate) const OTHER_OWNER: &str = "somebody ";
const LINE: char = '\u{1e}';
const CELL: char = '\u{1f}';

/// What is asked before anything else, for it costs little: whether anybody else is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherOwners {
    /// Whether another role owns something or may create in a schema.
    Owners,
    /// The same, and whether a predefined role owns a table, function, type or operator. That costs three times as much.
    Predefined,
    /// The same, or has any right: facts also ask who may make triggers.
    Granted,
}

impl OtherOwners {
    /// The roles, from FROM on: `s.role`.
    pub(crate) fn query(self) -> String {
        let kind =
            if self == OtherOwners::Granted { "" } else { " AND s.deptype OPERATOR(pg_catalog.=) 'o'" };
        let predefined = if self == OtherOwners::Owners { "" } else { PREDEFINED_OWNERS };
        OTHER_OWNERS.replace("{kind}", kind).replace("{predefined}", predefined)
    }
}

/// Keeps the schemas in which names are looked for, and reads the catalog by its own names.
pub(crate) const LOOK: &str = "SELECT pg_catalog.set_config('migrate.path', pg_catalog.current_schemas(false)::pg_catalog.text, true), \
     pg_catalog.set_config('migrate.search_path', pg_catalog.current_setting('search_path'), true);\n\
     SET LOCAL search_path = pg_catalog, pg_temp;\n";

/// An expression: the bundles' schemas in which everybody may create. That is no reason to refuse, for `public` was so until
/// PostgreSQL 15: what is used there is looked at, piece by piece.
pub(crate) fn open(bundles: &[&Bundle]) -> String {
    let named = bundles.iter().filter(|bundle| bundle.name() != HISTORY_BUNDLE);
    let names: BTreeSet<&str> = named.map(|bundle| bundle.schema().unwrap_or("public")).collect();
    format!(
        "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(n.nspname), ', ') FROM pg_catalog.pg_namespace AS n \
         WHERE n.nspname OPERATOR(pg_catalog.=) ANY ({}::pg_catalog.name[]) \
         AND pg_catalog.has_schema_privilege('public', n.oid, 'CREATE'))",
        quote::texts(&names.into_iter().collect::<Vec<_>>())
    )
}

/// What is to be said of them.
pub(crate) fn open_note(schemas: &str) -> String {
    format!(
        "everybody may create in `{}`: objects of untrusted roles there are checked if patches or facts name them; \
         `REVOKE CREATE ON SCHEMA {} FROM PUBLIC` prevents this",
        escape_controls(schemas),
        escape_controls(schemas)
    )
}

/// What a patch's transaction refuses, by the server's message.
pub(crate) fn found(message: &str) -> Option<Error> {
    let (_, lines) = message.split_once(FOUND).filter(|_| !is_other_owner(message))?;
    let findings = lines.split(LINE).filter_map(|line| {
        let mut cells = line.trim_end_matches('"').split(CELL);
        let [what, kind, name, role] = [cells.next()?, cells.next()?, cells.next()?, cells.next()?];
        Some(UntrustedObject { what, kind, name, role }.refusal())
    });
    Error::all(findings)
}

/// Whether that is what it says.
pub(crate) fn is_found(message: &str) -> bool {
    message.contains(FOUND)
}

/// Whether a message was refused only because another role owns something at all.
pub(crate) fn is_other_owner(message: &str) -> bool {
    // Not anywhere in it: the findings have names in them that untrusted roles gave.
    let said = message.split_once(FOUND).and_then(|(_, said)| said.strip_prefix(OTHER_OWNER));
    said.is_some_and(|said| said.trim_end_matches('"').bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether an error comes from such a message.
pub(crate) fn is_other_owner_error(error: &Error) -> bool {
    let error = error.source().and_then(|source| source.downcast_ref::<tokio_postgres::Error>());
    error.and_then(tokio_postgres::Error::as_db_error).is_some_and(|db| is_other_owner(db.message()))
}

/// What ends a transaction in which a text with these words, an expression, would use objects of untrusted roles.
pub(crate) fn refusing(options: &Options, words: &str) -> String {
    let found = untrusted_objects(options, words, false);
    format!(
        "{LOOK}SELECT ('{FOUND}' || string_agg(concat_ws(chr(31), f.what, f.type, f.identity, f.rolname), chr(30)))::int4 \
         FROM ({found}) AS f;\n"
    )
}

pub(crate) fn untrusted_objects(options: &Options, words: &str, facts: bool) -> String {
    UNTRUSTED_OBJECTS
        .replace("{trusted}", &is_trusted(options, "r.oid"))
        .replace("{facts}", if facts { "true" } else { "false" })
        .replace("{words}", words)
}
