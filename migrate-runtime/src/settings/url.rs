use embed_migrate_core::{Error, ErrorKind, Result};

use super::pairs::Pair;

const SCHEMES: [&str; 3] = ["postgresql://", "postgres://", "pgsql://"];
/// The scheme before a database without a host: `pgsql:demo`, as in rex.deploy and HTSQL.
const SHORT: &str = "pgsql:";
const SHAPE: &str = "postgresql://user:password@host:5432/database?sslmode=verify-full";

/// Reads a URL by libpq's rules; `None` if the text is not a URL but `key=value` pairs.
///
/// # Errors
///
/// `Settings`, naming the scheme, for a URL that is not PostgreSQL's, and for one that is malformed. Of
/// the text, the error shows only the scheme: any other part may be a piece of a password.
pub(crate) fn read(text: &str) -> Result<Option<Vec<Pair>>> {
    if let Some(rest) = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        return parts(rest).map(Some);
    }
    match text.strip_prefix(SHORT) {
        Some(rest) => database(rest).map(Some),
        None => scheme(text).map_or(Ok(None), |scheme| Err(refused(scheme))),
    }
}

/// Whether the text is a URL of PostgreSQL's.
pub(crate) fn is_one(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)) || text.starts_with(SHORT)
}

/// The scheme that the text begins with, if any: letters and their like, and a colon, before any `=`.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain)).then_some(scheme)
}

fn refused(scheme: &str) -> Error {
    if SCHEMES.iter().any(|known| known.trim_end_matches("://") == scheme) {
        return malformed(NO_SLASHES);
    }
    Error::new(ErrorKind::Settings, format!("`{scheme}:` is not the scheme of a PostgreSQL URL"))
        .help(format!("only PostgreSQL is supported: write `{SHAPE}`"))
}

const NO_SLASHES: &str = "`//` is missing after the scheme";

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::Settings, format!("malformed PostgreSQL URL: {what}")).help(format!(
        "write `{SHAPE}`, and `%40` for `@`, `%2F` for `/`, `%3A` for `:`, `%25` for `%` within a part"
    ))
}

/// A database's name and parameters.
fn database(text: &str) -> Result<Vec<Pair>> {
    let (name, query) = text.split_once('?').unwrap_or((text, ""));
    // A user or a host before it; libpq has no rule for this form.
    if name.contains(['@', ':', '/']) {
        return Err(malformed(NO_SLASHES));
    }
    let mut pairs = Vec::new();
    push(&mut pairs, "dbname", name)?;
    read_query(query, &mut pairs)?;
    Ok(pairs)
}

fn parts(text: &str) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    let rest = credentials(text, &mut pairs)?;
    // An unescaped slash in a password puts its rest, and the `@`, behind the host.
    let shy = rest.contains('@');
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (hosts, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    read_hosts(hosts, &mut pairs)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    // libpq takes it for the database's name, which errors show; more likely it is the rest of a password.
    if path.contains('@') {
        return Err(malformed("there is a `@` after the first `/`"));
    }
    push(&mut pairs, "dbname", path.strip_prefix('/').unwrap_or(path))?;
    read_query(query, &mut pairs)?;
    pairs.iter_mut().for_each(|pair| pair.shy |= shy);
    Ok(pairs)
}

/// Takes `user:password@` off; libpq ends it at the first `@`, or has none if a `/` comes first.
fn credentials<'a>(text: &'a str, pairs: &mut Vec<Pair>) -> Result<&'a str> {
    let Some((credentials, rest)) = text.split_once('@').filter(|(before, _)| !before.contains('/')) else {
        return Ok(text);
    };
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    push(pairs, "user", user)?;
    push(pairs, "password", password)?;
    Ok(rest)
}

fn read_hosts(text: &str, pairs: &mut Vec<Pair>) -> Result<()> {
    if text.contains('@') {
        return Err(malformed("there is more than one `@` before the host"));
    }
    let nodes = text.split(',').map(node).collect::<Result<Vec<_>>>()?;
    let hosts: Vec<&str> = nodes.iter().map(|(host, _)| *host).collect();
    let ports: Vec<&str> = nodes.iter().map(|(_, port)| *port).collect();
    push(pairs, "host", &hosts.join(","))?;
    push(pairs, "port", &ports.join(","))
}

/// `host:port`, or `[v6]:port`; either may be empty.
fn node(text: &str) -> Result<(&str, &str)> {
    let Some(text) = text.strip_prefix('[') else {
        return Ok(text.split_once(':').unwrap_or((text, "")));
    };
    let (host, rest) = text.split_once(']').ok_or_else(|| malformed("`[` has no `]`"))?;
    if host.is_empty() {
        return Err(malformed("there is no address between `[` and `]`"));
    }
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, port)),
        None if rest.is_empty() => Ok((host, "")),
        None => Err(malformed("after `]` only a `:` and a port may follow")),
    }
}

fn read_query(query: &str, pairs: &mut Vec<Pair>) -> Result<()> {
    let mut shy = false;
    // As in libpq, one `&` too many is allowed at the end, and nowhere else.
    let query = query.strip_suffix('&').filter(|query| !query.is_empty()).unwrap_or(query);
    for parameter in query.split('&').filter(|_| !query.is_empty()) {
        match parameter.split_once('=') {
            Some((_, value)) if value.contains('=') => return Err(malformed("a parameter has two `=`")),
            Some((key, value)) => {
                read_parameter(&decode(key)?, decode(value)?, shy, pairs);
                // An `&` that nobody encoded puts the rest of a password behind it.
                shy |= key == "password";
            }
            None => return Err(malformed("a parameter after `?` has no `=`")),
        }
    }
    Ok(())
}

fn read_parameter(key: &str, value: String, shy: bool, pairs: &mut Vec<Pair>) {
    // JDBC's form, which libpq accepts in URLs.
    let (key, value) = match (key, value.as_str()) {
        ("ssl", "true") => ("sslmode", "require".to_owned()),
        _ => (key, value),
    };
    pairs.push(Pair { key: key.to_owned(), value, shy });
}

/// Adds a part of the URL, unless it is empty: an empty part is as good as none.
fn push(pairs: &mut Vec<Pair>, key: &str, part: &str) -> Result<()> {
    let value = decode(part)?;
    if !value.is_empty() {
        pairs.push(Pair { key: key.to_owned(), value, shy: false });
    }
    Ok(())
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { escaped(&mut rest)? } else { byte });
    }
    String::from_utf8(bytes).map_err(|_| malformed("a percent-encoded part is not UTF-8"))
}

fn escaped(rest: &mut std::str::Bytes<'_>) -> Result<u8> {
    let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
    match digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
        Some(0) => Err(malformed("`%00` is not allowed in it")),
        Some(byte) => Ok(byte),
        None => Err(malformed("`%` is not followed by two hexadecimal digits")),
    }
}
