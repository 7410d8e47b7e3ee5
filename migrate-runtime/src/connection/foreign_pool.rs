//! A pool that the application made: which server it leads to, as far as it shows it.

use deadpool_postgres::{Pool, PoolError};
use embed_migrate_core::{Error, ErrorKind};
use tokio_postgres::Config;

use super::failure::{ConnectFailure, FailureCause, PasswordSource};
use super::pool::pool_error;
use super::refusal;
use crate::settings::origin::ValueOrigin;
use crate::settings::settings::Settings;

/// The error of a pool, with all that the error of [`Settings::connect`] has.
pub(crate) fn pool_failure(pool: &Pool, error: PoolError) -> Error {
    let error = match error {
        PoolError::Backend(error) => match refusal::unwrap(error) {
            Ok(ours) => return ours,
            Err(error) => error,
        },
        other => {
            let leads =
                config(pool).map(|config| format!("the pool connects to `{}`", Settings::from(config)));
            return leads.into_iter().fold(pool_error(other), Error::note);
        }
    };
    match config(pool) {
        Some(config) => explained(config, error),
        None => pool_error(PoolError::Backend(error)),
    }
}

fn explained(config: Config, error: tokio_postgres::Error) -> Error {
    let has_password = config.get_password().is_some();
    let settings = Settings::from(config);
    let several = settings.endpoints.len() > 1;
    // The client tries them in order, and reports the last one.
    let Some(endpoint) = settings.endpoints.last().cloned() else {
        return pool_error(PoolError::Backend(error));
    };
    let failure = ConnectFailure {
        endpoint,
        user: settings.user().to_owned(),
        database: settings.database().to_owned(),
        mode: settings.ssl.mode,
        target: settings.target,
        secret: if has_password {
            PasswordSource::Given(ValueOrigin::Config)
        } else {
            PasswordSource::None(None)
        },
        cause: FailureCause::Client(error),
        note: several.then(|| format!("it was the last of several: `{settings}`")),
    };
    let error = Error::from(failure);
    match error.kind() == ErrorKind::Login && !has_password {
        true => error.help(
            "put a password into the pool's configuration; a pool that `Settings::pool` makes finds it in `PGPASSWORD` and \
             `~/.pgpass` too",
        ),
        false => error,
    }
}

/// What the pool connects with, but for the password. Its manager keeps that to itself, and shows it as `Debug` text.
/// If that text should change one day, the error says nothing about it.
fn config(pool: &Pool) -> Option<Config> {
    let text = format!("{:?}", pool.manager());
    let (_, text) = text.split_once("pg_config: Config { user: ")?;
    let (user, text) = value(text);
    let field = |name: &str| text.split_once(&format!(", {name}: ")).map(|(_, text)| value(text).0);
    let mut config = Config::new();
    strings(user).first().map(|user| config.user(user));
    strings(field("dbname")?).first().map(|name| config.dbname(name));
    if field("password")? != "None" {
        config.password("");
    }
    let hosts = field("host")?;
    for host in strings(hosts) {
        match host.starts_with('/') {
            true => config.host_path(host),
            false => config.host(host),
        };
    }
    let listed =
        |text: &str| text.trim_matches(['[', ']']).split(", ").map(str::to_owned).collect::<Vec<_>>();
    for address in listed(field("hostaddr")?).iter().filter_map(|address| address.parse().ok()) {
        config.hostaddr(address);
    }
    for port in listed(field("port")?).iter().filter_map(|port| port.parse().ok()) {
        config.port(port);
    }
    Some(config)
}

/// The value that the text begins with, to the comma after it, and what follows.
fn value(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_i32);
    let end = text.char_indices().find(|(_, c)| {
        let was = escaped;
        escaped = quoted && !was && *c == '\\';
        match c {
            '"' if !was => quoted = !quoted,
            '[' | '(' | '{' if !quoted => depth += 1,
            ']' | ')' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        !quoted && (depth < 0 || depth == 0 && *c == ',')
    });
    text.split_at_checked(end.map_or(text.len(), |(at, _)| at)).unwrap_or((text, ""))
}

/// The quoted texts of a value.
fn strings(value: &str) -> Vec<String> {
    let (mut found, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match (&mut open, c) {
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
            (Some(_), '"') => found.extend(open.take()),
            (Some(text), '\\') => text.extend(rest.next()),
            (Some(text), c) => text.push(c),
        }
    }
    found
}
