use std::path::PathBuf;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Config;

use super::parameter::{PARAMETERS, ParameterUse};
use super::settings::{RootCertificates, Settings, TIMEOUT, TlsSettings};
use super::sslmode::SslMode;
use super::values::{ParameterValue, ParameterValues, invalid};
use super::{endpoint, parameter, url};

impl Settings {
    /// Reads a `postgresql://` URL, a `key=value` string, or, if the text is empty, variables alone.
    ///
    /// `pgsql://…` and `pgsql:database`, as rex.deploy and HTSQL have it, are URLs too. What the text leaves open the section
    /// of a service file says, if `service` or `PGSERVICE` names one (`PGSERVICEFILE`, `~/.pg_service.conf`, then
    /// `pg_service.conf` in `PGSYSCONFDIR`), then the `PG*` variables, and after them libpq's defaults: the operating system's user, a database of the user's name, the local socket (`/var/run/postgresql`, else `/tmp`),
    /// port 5432, `sslmode=prefer`, `~/.pgpass` and `~/.postgresql/`. Two differ: if `connect_timeout`
    /// is not given, it is 10 seconds; 0 waits for ever. And if `keepalives_idle` is not given, a connection on which
    /// nothing came for 60 seconds is tried, not after the system's two hours. A parameter that libpq knows and this does not
    /// (`requirepeer`, `sslcrl` and the like) is refused, also as a variable, rather than passed over.
    ///
    /// `variables` finds an environment variable by its name; an application passes
    /// `&|name| std::env::var(name).ok()`. The rules are those of the PostgreSQL manual, libpq, "Connection
    /// Strings"; an `@` in a URL's path is written `%40`, since it nearly always is a password gone astray.
    ///
    /// # Errors
    ///
    /// `Settings` for text that is malformed, a URL of another scheme, and a parameter that is unknown, not
    /// supported or has a value that it can't have. The error never shows the password, or any part of a
    /// malformed URL that may be one.
    ///
    /// ```
    /// use embed_migrate_runtime::Settings;
    ///
    /// let settings = Settings::parse("postgresql://ann:secret@db.example/demo", &|name| match name {
    ///     "PGPORT" => Some("6543".to_owned()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(settings.to_string(), "ann@db.example:6543/demo");
    ///
    /// let error = Settings::parse("mysql:///demo", &|_| None).unwrap_err();
    /// assert_eq!(error.message(), "`mysql:` is not the scheme of a PostgreSQL URL");
    /// # Ok::<(), embed_migrate_core::Error>(())
    /// ```
    pub fn parse(text: &str, variables: &dyn Fn(&str) -> Option<String>) -> Result<Settings> {
        let values = ParameterValues::read(text, variables)?;
        let config = client(&values, variables)?;
        let home = variables("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let mut settings = Settings::from(config);
        settings.password =
            values.get("password").map(|value| (value.text.clone().into_bytes(), value.origin.clone()));
        let named = values.get("passfile").map(|value| value.origin.clone());
        settings.passfile = file(&values, "passfile", home.as_ref(), ".pgpass").map(|path| (path, named));
        settings.ssl = ssl(&values, home.as_ref(), settings.ssl.direct)?;
        settings.timeout = timeout(&values)?;
        settings.target = values.parse("target_session_attrs", |text| text.parse().ok())?.unwrap_or_default();
        Ok(match text.trim().is_empty() {
            true => settings.note("the connection string is empty: libpq's variables and defaults are used"),
            false => settings,
        })
    }
}

/// A patch takes as long as it takes: a way to the server that was lost meanwhile, or forgotten by what is in between,
/// is to be noticed all the same.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(60);

/// What `tokio_postgres` understands, parsed by it.
fn client(values: &ParameterValues, variables: &dyn Fn(&str) -> Option<String>) -> Result<Config> {
    let mut text = String::new();
    for known in PARAMETERS {
        let (ParameterUse::Client(name), Some(value)) = (known.role, values.get(known.name)) else {
            continue;
        };
        if let Some(problem) = misplaced(known.name, value) {
            return Err(problem);
        }
        let pair = format!("{name}='{}' ", value.text.replace('\\', r"\\").replace('\'', r"\'"));
        // Alone first, so that the error can say which one it is.
        if pair.parse::<Config>().is_err() {
            return Err(invalid(known.name, &value.origin));
        }
        text.push_str(&pair);
    }
    let mut config: Config = text.parse().map_err(|error| {
        Error::new(ErrorKind::Settings, "the connection settings contradict each other").caused_by(error)
    })?;
    complete(&mut config, values, variables)?;
    Ok(config)
}

/// What is wrong with a value that is a connection string, or has a piece of one in it. The value is not shown: a password
/// may be in it.
fn misplaced(name: &str, value: &ParameterValue) -> Option<Error> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Settings, format!("the value of `{name}` in {} {what}", value.origin))
    };
    if url::is_one(&value.text) || (name == "host" && value.text.contains("://")) {
        return Some(wrong("is a URL").help(
            "give the URL as the whole connection string (`DATABASE_URL`, or `--database-url`), and not as one of its parts",
        ));
    }
    let is_host = matches!(name, "host" | "hostaddr");
    (is_host && value.text.contains([';', '='])).then(|| {
        wrong("has a `;` or `=` in it").help(
            "separate parameters with blanks, not with semicolons: `host=localhost port=5432 dbname=demo user=ann`",
        )
    })
}

fn complete(
    config: &mut Config,
    values: &ParameterValues,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<()> {
    if let Some(problem) = endpoint::mismatch(config) {
        return Err(Error::new(ErrorKind::Settings, problem));
    }
    values.parse("port", |text| (!text.split(',').any(|port| port.parse() == Ok(0))).then_some(()))?;
    if config.get_user().is_none() {
        config.user(user(variables)?);
    }
    if let (None, Some(name)) = (config.get_application_name(), values.text("fallback_application_name")) {
        config.application_name(name);
    }
    if values.get("keepalives_idle").is_none() {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    let milliseconds = values.parse("tcp_user_timeout", |text| text.parse::<u64>().ok())?;
    // libpq counts it in milliseconds and `tokio_postgres` in seconds, so it is not left to that.
    if let Some(milliseconds) = milliseconds.filter(|milliseconds| *milliseconds > 0) {
        config.tcp_user_timeout(Duration::from_millis(milliseconds));
    }
    Ok(())
}

/// The operating system's user, as in libpq; the variables help out if it has no name (containers).
fn user(variables: &dyn Fn(&str) -> Option<String>) -> Result<String> {
    whoami::username()
        .ok()
        .into_iter()
        .chain(["USER", "LOGNAME"].into_iter().filter_map(variables))
        .find(|name| !name.is_empty())
        .ok_or_else(|| {
            Error::new(ErrorKind::Settings, "no user is given, and the operating system's has no name")
                .help("name one in the URL, or set the variable `PGUSER`")
        })
}

fn timeout(values: &ParameterValues) -> Result<Option<Duration>> {
    let seconds = values.parse("connect_timeout", |text| text.trim().parse::<i64>().ok())?;
    Ok(match seconds.map(u64::try_from) {
        None => Some(TIMEOUT),
        Some(Ok(0) | Err(_)) => None,
        Some(Ok(seconds)) => Some(Duration::from_secs(seconds)),
    })
}

fn ssl(values: &ParameterValues, home: Option<&PathBuf>, direct: bool) -> Result<TlsSettings> {
    let system = values.text("sslrootcert") == Some("system");
    let mode = values.parse("sslmode", |text| text.parse().ok())?;
    let mode = mode.unwrap_or(if system { SslMode::VerifyFull } else { SslMode::default() });
    if system && mode != SslMode::VerifyFull {
        return Err(weak(mode, "sslrootcert=system", "`verify-full`"));
    }
    if direct && mode < SslMode::Require {
        return Err(weak(mode, "sslnegotiation=direct", "`require`, `verify-ca` or `verify-full`"));
    }
    let roots = match file(values, "sslrootcert", home, ".postgresql/root.crt") {
        _ if system => RootCertificates::System,
        Some(path) => RootCertificates::File(path),
        None => RootCertificates::Unset,
    };
    Ok(TlsSettings {
        mode,
        roots,
        certificate: file(values, "sslcert", home, ".postgresql/postgresql.crt"),
        key: file(values, "sslkey", home, ".postgresql/postgresql.key"),
        direct,
    })
}

fn weak(mode: SslMode, with: &str, use_instead: &str) -> Error {
    Error::new(ErrorKind::Settings, format!("`sslmode={mode}` is too weak for `{with}`"))
        .help(format!("set `sslmode` to {use_instead}"))
}

/// The path that a parameter gives, or its default in the home directory.
fn file(values: &ParameterValues, name: &str, home: Option<&PathBuf>, default: &str) -> Option<PathBuf> {
    debug_assert!(parameter::find(name).is_some(), "{name}");
    values.text(name).map(PathBuf::from).or_else(|| home.map(|home| home.join(default)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_is_lost_is_noticed_unless_somebody_says_otherwise() {
        let idle = |text: &str| Settings::parse(text, &|_| None).unwrap().base.get_keepalives_idle();
        assert_eq!(idle("postgresql://ann@h/d"), Duration::from_secs(60));
        assert_eq!(idle("host=h user=ann keepalives_idle=7"), Duration::from_secs(7));
    }
}
