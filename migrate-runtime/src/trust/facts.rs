//! What is asked for facts.

use embed_migrate_core::{Error, quote};
use tokio_postgres::SimpleQueryMessage;

use super::untrusted_object::UntrustedObject;
use super::untrusted_search::{LOOK, OtherOwners, untrusted_objects};
use crate::connection::rows::rows;
use crate::connection::statement_timeout::unlimited;
use crate::options::options::Options;

const LOOKED: &str =
    "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('migrate.search_path'), true)";

/// The query whether anybody else owns something in the database or has a right in it, or everybody may make triggers.
pub(crate) fn has_other_owners() -> String {
    format!(
        "SELECT EXISTS (SELECT {}) OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relacl IS NOT NULL \
         AND c.relacl::pg_catalog.text OPERATOR(pg_catalog.~) '[{{,]=[a-zA-Z*]*t')",
        OtherOwners::Granted.query()
    )
}

/// The message that finds objects of untrusted roles among those that the words of facts name; without words, in the schema.
pub(crate) fn looking(options: &Options, words: Option<&str>) -> String {
    let untrusted_objects =
        untrusted_objects(options, &quote::literal(words.unwrap_or_default()), words.is_some());
    unlimited(&format!("{LOOK}{untrusted_objects};\n{LOOKED}"))
}

/// What its answer refuses.
pub(crate) fn refusal(messages: &[SimpleQueryMessage]) -> Option<Error> {
    let findings = rows(messages).filter(|row| row.len() == 4).map(|row| {
        let cell = |column| row.get(column).unwrap_or_default();
        UntrustedObject { what: cell(0), kind: cell(1), name: cell(2), role: cell(3) }.refusal()
    });
    Error::all(findings)
}
