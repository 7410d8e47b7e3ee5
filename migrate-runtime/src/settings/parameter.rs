use ParameterUse::{Client, Own, Refused};

/// A connection parameter that libpq knows.
pub(crate) struct Parameter {
    /// libpq's name.
    pub(crate) name: &'static str,
    /// The environment variable that stands in if the text does not name it; empty if there is none.
    pub(crate) variable: &'static str,
    pub(crate) role: ParameterUse,
    /// What a value must be, as an error says it.
    pub(crate) form: &'static str,
}

/// Who makes sense of a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterUse {
    /// `tokio_postgres`, by this name.
    Client(&'static str),
    /// This module.
    Own,
    /// Nobody. Passing over it could weaken what was asked for, so it is refused, unless it has one of
    /// these values, which ask for nothing.
    Refused(&'static [&'static str]),
}

const fn known(
    name: &'static str,
    variable: &'static str,
    role: ParameterUse,
    form: &'static str,
) -> Parameter {
    Parameter { name, variable, role, form }
}

const ANY: &str = "text";
const FILE: &str = "a path";
const SECONDS: &str = "a whole number of seconds";
const NUMBER: &str = "a whole number";
const NONE: &[&str] = &[];

pub(crate) const PARAMETERS: &[Parameter] = &[
    known("application_name", "PGAPPNAME", Client("application_name"), ANY),
    known(
        "channel_binding",
        "PGCHANNELBINDING",
        Client("channel_binding"),
        "one of `disable`, `prefer`, `require`",
    ),
    known("connect_timeout", "PGCONNECT_TIMEOUT", Own, SECONDS),
    known("dbname", "PGDATABASE", Client("dbname"), ANY),
    known("fallback_application_name", "", Own, ANY),
    known("host", "PGHOST", Client("host"), "a host name, an address or a socket's directory"),
    known("hostaddr", "PGHOSTADDR", Client("hostaddr"), "an IP address, or several with commas between them"),
    known("keepalives", "", Client("keepalives"), "`0` or `1`"),
    known("keepalives_count", "", Client("keepalives_retries"), NUMBER),
    known("keepalives_idle", "", Client("keepalives_idle"), SECONDS),
    known("keepalives_interval", "", Client("keepalives_interval"), SECONDS),
    known("load_balance_hosts", "PGLOADBALANCEHOSTS", Client("load_balance_hosts"), "`disable` or `random`"),
    known("options", "PGOPTIONS", Client("options"), ANY),
    known("passfile", "PGPASSFILE", Own, FILE),
    known("password", "PGPASSWORD", Own, ANY),
    known(
        "port",
        "PGPORT",
        Client("port"),
        "a number from 1 to 65535, or one for each host with commas between them",
    ),
    known("service", "PGSERVICE", Own, "the name of a section in a service file"),
    known("servicefile", "PGSERVICEFILE", Own, FILE),
    known("sslcert", "PGSSLCERT", Own, FILE),
    known("sslkey", "PGSSLKEY", Own, FILE),
    known(
        "sslmode",
        "PGSSLMODE",
        Own,
        "one of `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`",
    ),
    known("sslnegotiation", "PGSSLNEGOTIATION", Client("sslnegotiation"), "`postgres` or `direct`"),
    known("sslrootcert", "PGSSLROOTCERT", Own, "a path, or `system`"),
    known(
        "target_session_attrs",
        "PGTARGETSESSIONATTRS",
        Own,
        "one of `any`, `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`",
    ),
    known("tcp_user_timeout", "", Own, "a whole number of milliseconds"),
    known("user", "PGUSER", Client("user"), ANY),
    known("client_encoding", "", Refused(&["UTF8", "utf8", "UTF-8", "utf-8", "auto"]), "`UTF8`"),
    known("gssencmode", "PGGSSENCMODE", Refused(&["disable", "prefer"]), "`disable`"),
    known("sslcompression", "PGSSLCOMPRESSION", Refused(&["0"]), "`0`"),
    known("sslsni", "PGSSLSNI", Refused(&["1"]), "`1`"),
    known(
        "ssl_min_protocol_version",
        "PGSSLMINPROTOCOLVERSION",
        Refused(&["TLSv1", "TLSv1.1", "TLSv1.2"]),
        "`TLSv1.2` or later: older versions are never used",
    ),
    known("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", Refused(&["TLSv1.3"]), "`TLSv1.3`"),
    known("gssdelegation", "PGGSSDELEGATION", Refused(&["0"]), "`0`"),
    known("gsslib", "PGGSSLIB", Refused(NONE), ""),
    known("krbsrvname", "PGKRBSRVNAME", Refused(NONE), ""),
    known("replication", "", Refused(&["false", "off", "no", "0"]), "`false`"),
    known("require_auth", "PGREQUIREAUTH", Refused(NONE), ""),
    known("requirepeer", "PGREQUIREPEER", Refused(NONE), ""),
    known("sslcertmode", "PGSSLCERTMODE", Refused(&["allow"]), "`allow`"),
    known("sslcrl", "PGSSLCRL", Refused(NONE), ""),
    known("sslcrldir", "PGSSLCRLDIR", Refused(NONE), ""),
    known("sslpassword", "", Refused(NONE), ""),
];

pub(crate) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

/// The supported names that are at most three edits away, nearest first.
pub(crate) fn nearest(name: &str) -> Vec<&'static str> {
    let edits = |known| (strsim::levenshtein(name, known), known);
    let mut names: Vec<(usize, &str)> = supported().map(edits).filter(|(edits, _)| *edits <= 3).collect();
    names.sort_unstable();
    names.into_iter().take(3).map(|(_, name)| name).collect()
}

/// The names of all supported parameters.
pub(crate) fn supported() -> impl Iterator<Item = &'static str> {
    PARAMETERS.iter().filter(|known| !matches!(known.role, Refused(_))).map(|known| known.name)
}
