use embed_migrate_core::{Error, ErrorKind, quote};
use tokio_postgres::Client;

use super::ask::ask;
use crate::connection::rows::rows;
use crate::options::options::Options;

/// What a server says in English of a right that is missing, before the kind and the name of what it is missing for.
const REFUSALS: [&str; 2] = ["permission denied for ", "must be owner of "];

/// Kinds of objects as the server's messages name them, and the catalogs that have their names and owners.
const KINDS: [(&str, &str, &str, &str); 10] = [
    ("table ", "pg_class", "relname", "relowner"),
    ("view ", "pg_class", "relname", "relowner"),
    ("materialized view ", "pg_class", "relname", "relowner"),
    ("sequence ", "pg_class", "relname", "relowner"),
    ("index ", "pg_class", "relname", "relowner"),
    ("foreign table ", "pg_class", "relname", "relowner"),
    ("schema ", "pg_namespace", "nspname", "nspowner"),
    ("function ", "pg_proc", "proname", "proowner"),
    ("type ", "pg_type", "typname", "typowner"),
    ("database ", "pg_database", "datname", "datdba"),
];

/// An error of a patch that lacked a right, with the role that it began as and the owner of what it needs the right for.
/// The server is asked in a session that can run queries. If it does not answer, the error stays as it was.
pub(crate) async fn explained(client: &Client, options: &Options, error: Error) -> Error {
    let refused = REFUSALS.iter().find_map(|refusal| error.message().split_once(refusal));
    let object = refused.filter(|_| is_unexplained(&error)).map(|(_, object)| object.to_owned());
    let Some(object) = object else { return error };
    let Ok(answer) = ask(client, options, &question(&object)).await else { return error };
    let Some(row) = rows(&answer).last() else { return error };
    let role = row.get(0).unwrap_or_default().to_owned();
    let error = error.note(format!("the patch began as the role `{role}`"));
    match row.get(1) {
        Some(owner) => error.note(format!("{} belongs to `{owner}`", shown(&object))).help(format!(
            "give `{role}` that right (`GRANT … TO …`), or run patches as the owner: `--role {owner}`, or `RunOptions::role`"
        )),
        None => error.help(format!(
            "give `{role}` that right (`GRANT … TO …`), or run patches as a role that has it: `--role NAME`, or \
             `RunOptions::role`"
        )),
    }
}

/// `table study` as ``the table `study` ``.
fn shown(object: &str) -> String {
    let named =
        |(kind, ..): &(&str, &str, &str, &str)| Some(format!("the {kind}`{}`", object.strip_prefix(kind)?));
    KINDS.iter().find_map(named).unwrap_or_else(|| object.to_owned())
}

fn is_unexplained(error: &Error) -> bool {
    error.kind() == ErrorKind::Permission && error.advice().is_none()
}

/// Asks for the current role, and for the owner of a thing if all things of that name have the same. A superuser is left
/// out: patches should not run as superuser for this.
fn question(object: &str) -> String {
    let known = KINDS.iter().find_map(|(kind, table, name, owner)| {
        let wanted = quote::literal(object.strip_prefix(kind)?);
        Some(format!(
            "(SELECT min(r.rolname) FROM pg_catalog.{table} AS o JOIN pg_catalog.pg_roles AS r ON r.oid = o.{owner} \
             WHERE o.{name} = {wanted} HAVING count(DISTINCT r.oid) = 1 AND NOT bool_or(r.rolsuper))"
        ))
    });
    let owner = known.unwrap_or_else(|| "NULL".to_owned());
    format!("SET LOCAL search_path = pg_catalog, pg_temp; SELECT current_user, {owner}")
}
