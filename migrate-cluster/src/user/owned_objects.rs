use embed_migrate_core::{Error, ErrorKind, Result, quote};
use embed_migrate_runtime::DirectConnection;
use tokio_postgres::types::Type;

use super::user::role;
use crate::cluster::cluster::Cluster;
use crate::server::server_error::{absent, server_error};

/// How many objects of a user an error lists.
const SHOWN: usize = 10;

/// The databases with objects that depend on a role; null means shared objects.
const PLACES: &str = "SELECT DISTINCT d.datname::pg_catalog.text \
    FROM pg_catalog.pg_shdepend AS s JOIN pg_catalog.pg_roles AS r ON r.oid = s.refobjid \
    LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid \
    WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.rolname = $1 ORDER BY 1 NULLS FIRST";

// Default privileges and user mappings belong to nobody else, and are dropped with their owner.
const OWNED: &str = "SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) \
    FROM pg_catalog.pg_shdepend AS s JOIN pg_catalog.pg_roles AS r ON r.oid = s.refobjid \
    WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.rolname = $1 AND s.deptype = 'o' \
    AND s.classid <> ALL (ARRAY['pg_catalog.pg_default_acl', 'pg_catalog.pg_user_mapping']::pg_catalog.regclass[]) \
    AND s.dbid = CASE WHEN $2 THEN 0 ELSE \
    (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) END ORDER BY 1";

/// Removes everything that prevents a user from being dropped: its rights, and, if there is an heir, its objects.
pub(super) async fn release(
    cluster: &Cluster,
    link: &DirectConnection,
    user: &str,
    heir: Option<&str>,
) -> Result<()> {
    let places = places(link, user).await?;
    match heir {
        Some(heir) if heir == user => {
            let message = format!("user `{user}` can't be its own heir");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Some(heir) if role(link, heir).await?.is_none() => return Err(absent("role", heir)),
        Some(_) => {}
        None => check(cluster, link, user, &places).await?,
    }
    // Without an heir, this reassigns only objects that were created meanwhile, so that none is lost.
    let heir = heir.map_or("CURRENT_USER".to_owned(), quote::identifier);
    let user_quoted = quote::identifier(user);
    let sql = format!("REASSIGN OWNED BY {user_quoted} TO {heir}; DROP OWNED BY {user_quoted}");
    let mut done: Vec<&str> = Vec::new();
    for place in &places {
        let released = match place {
            Some(database) => run(&cluster.connect_to(database).await?, &sql, user).await,
            None => run(link, &sql, user).await,
        };
        released.map_err(|error| match done.is_empty() {
            true => error,
            false => error.note(format!("it owns nothing any more in {}", done.join(", "))),
        })?;
        done.extend(place.as_deref());
    }
    Ok(())
}

async fn places(link: &DirectConnection, user: &str) -> Result<Vec<Option<String>>> {
    let rows = link.client.query_typed(PLACES, &[(&user, Type::NAME)]).await;
    let rows = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
    rows.map_err(server_error(format!("can't list the objects of user `{user}`")))
}

async fn run(link: &DirectConnection, sql: &str, user: &str) -> Result<()> {
    let done =
        link.client.batch_execute(sql).await.map_err(server_error(format!("can't drop user `{user}`")));
    done.map_err(|error| match error.kind() {
        ErrorKind::Permission => error.help("drop the user as a superuser, or revoke its rights first"),
        _ => error,
    })
}

/// Refuses a user who owns objects, and lists them.
async fn check(
    cluster: &Cluster,
    link: &DirectConnection,
    user: &str,
    places: &[Option<String>],
) -> Result<()> {
    let mut notes = Vec::new();
    for place in places {
        let owned = match place {
            Some(database) => owned(&cluster.connect_to(database).await?, user, false).await?,
            None => owned(link, user, true).await?,
        };
        if !owned.is_empty() {
            notes.push(note(place.as_deref(), &owned));
        }
    }
    if notes.is_empty() {
        return Ok(());
    }
    let error = Error::new(ErrorKind::InUse, format!("can't drop user `{user}`, who owns something"));
    Err(notes.into_iter().fold(error, Error::note).help(
        "drop the objects first, or give them to another role: `drop_reassigning(\"…\")` (`--reassign-to`)",
    ))
}

fn note(database: Option<&str>, owned: &[String]) -> String {
    let shown = owned.get(..SHOWN.min(owned.len())).unwrap_or_default().join(", ");
    let more = match owned.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match database {
        Some(database) => format!("in database `{database}`: {shown}{more}"),
        None => format!("{shown}{more}"),
    }
}

async fn owned(link: &DirectConnection, user: &str, shared: bool) -> Result<Vec<String>> {
    let rows = link.client.query_typed(OWNED, &[(&user, Type::NAME), (&shared, Type::BOOL)]).await;
    let rows = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
    rows.map_err(server_error(format!("can't list the objects of user `{user}`")))
}
