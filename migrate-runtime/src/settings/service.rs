use std::path::{Path, PathBuf};
use std::{fs, io};

use embed_migrate_core::{Error, ErrorKind, Result};

use super::origin::ValueOrigin;
use super::parameter;

/// A parameter that a service's section gives.
pub(crate) struct ServiceLine {
    pub(crate) key: String,
    pub(crate) value: String,
    /// The file, and the line in it.
    pub(crate) origin: ValueOrigin,
}

/// Where PostgreSQL's packages look for a file of all users' services, where `PGSYSCONFDIR` does not say.
const DEFAULT_DIRECTORIES: [&str; 5] = [
    "/etc/postgresql-common",
    "/etc/sysconfig/pgsql",
    "/opt/homebrew/etc/postgresql",
    "/usr/local/etc/postgresql",
    "/usr/local/pgsql/etc",
];

/// The byte order mark that some editors write.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Looks a service up by libpq's rules (PostgreSQL manual, "The Connection Service File"): the file that is named, or else
/// the user's own one, and then the system's; the first section of that name counts.
///
/// # Errors
///
/// `Settings`: the service is in no file; or its section can't be read, with file and line. Values are not shown: one of
/// them may be a password.
pub(crate) fn read(
    name: &str,
    origin: &ValueOrigin,
    file: Option<&str>,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<ServiceLine>> {
    if name.is_empty() {
        return Err(refused(format!("the service's name in {origin} is empty"))
            .help("name a section of the service file, or remove the parameter"));
    }
    let files = files(file, variables)?;
    let (mut sections, mut looked) = (Vec::new(), Vec::new());
    for path in &files {
        let text = fs::read(path).map_err(|error| unreadable(path, &error))?;
        looked.push(looked_into(path, &text));
        if let Some(lines) = section(path, &text, name, &mut sections)? {
            return Ok(lines);
        }
    }
    Err(absent(name, origin, looked, sections))
}

/// The files to look into, in libpq's order. One that was named must be there.
fn files(named: Option<&str>, variables: &dyn Fn(&str) -> Option<String>) -> Result<Vec<PathBuf>> {
    let variable = |name| variables(name).filter(|value| !value.is_empty());
    let first = match named {
        Some("") => {
            return Err(refused("the service file's name is empty".to_owned())
                .help("name a file in `PGSERVICEFILE`, or unset the variable"));
        }
        Some(path) => Some(PathBuf::from(path)),
        None => variable("HOME")
            .map(|home| Path::new(&home).join(".pg_service.conf"))
            .filter(|path| path.exists()),
    };
    let system = match variable("PGSYSCONFDIR") {
        Some(directory) => vec![PathBuf::from(directory)],
        None => DEFAULT_DIRECTORIES.iter().map(PathBuf::from).collect(),
    };
    let system = system.iter().map(|directory| directory.join("pg_service.conf")).find(|path| path.exists());
    Ok(first.into_iter().chain(system).collect())
}

/// The section's parameters, if the file has it; otherwise the names of its sections are kept.
fn section(
    path: &Path,
    text: &[u8],
    name: &str,
    others: &mut Vec<String>,
) -> Result<Option<Vec<ServiceLine>>> {
    let mut found: Option<Vec<ServiceLine>> = None;
    for (line, number) in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).zip(1..) {
        match (line.first(), &mut found) {
            (None | Some(b'#'), _) => {}
            (Some(b'['), Some(_)) => break,
            (Some(b'['), None) => {
                let title = line.split(|byte| *byte == b']').next().and_then(|title| title.get(1..));
                match title.filter(|title| line.len() > title.len() + 1) {
                    Some(title) if title == name.as_bytes() => found = Some(Vec::new()),
                    Some(title) => others.push(String::from_utf8_lossy(title).into_owned()),
                    None => {}
                }
            }
            (Some(_), Some(lines)) => lines.push(parameter(path, number, line)?),
            (Some(_), None) => {}
        }
    }
    Ok(found)
}

/// `key=value`, without quotes, and without blanks around the `=`.
fn parameter(path: &Path, number: usize, line: &[u8]) -> Result<ServiceLine> {
    let origin = ValueOrigin::Service(path.to_owned(), number);
    let wrong = |what: &str| refused(format!("{origin} {what}"));
    let Ok(line) = std::str::from_utf8(line) else {
        return Err(
            wrong("is not UTF-8").help("write the file in UTF-8, or the value in the connection string")
        );
    };
    if line.starts_with("ldap") {
        return Err(wrong("has the service looked up by LDAP, which is not supported")
            .help("write the service's parameters out, a line each"));
    }
    let Some((key, value)) = line.split_once('=') else {
        return Err(wrong("has no `=`").help("write a parameter a line, such as `host=db.example`"));
    };
    match key.trim_end() {
        nested @ ("service" | "servicefile") => {
            Err(wrong(&format!("has `{nested}`, which is not allowed in a service file"))
                .help("write that service's parameters out"))
        }
        known if known != key && parameter::find(known).is_some() => {
            Err(wrong(&format!("has a blank between `{known}` and `=`"))
                .help("take it out: neither blanks nor quotes belong around a value here"))
        }
        _ => Ok(ServiceLine { key: key.to_owned(), value: value.to_owned(), origin }),
    }
}

/// What is to be said of a file that does not have the service. libpq takes a mark at its beginning for a part of the first
/// line.
fn looked_into(path: &Path, text: &[u8]) -> String {
    let marked = match text.starts_with(MARK) {
        true => {
            "; it begins with a byte order mark, with which its first line does not count: save it without one"
        }
        false => "",
    };
    format!("`{}` was looked into{marked}", path.display())
}

fn absent(name: &str, origin: &ValueOrigin, looked: Vec<String>, sections: Vec<String>) -> Error {
    let error = refused(format!("the service `{name}`, which {origin} names, is not defined"));
    if looked.is_empty() {
        return error.note("there is no service file").help(
            "write a section `[NAME]` with `key=value` lines into `~/.pg_service.conf`, or name another file in `PGSERVICEFILE`",
        );
    }
    let error = looked.into_iter().fold(error, Error::note);
    match sections.is_empty() {
        true => error.help(format!("begin its section there with the line `[{name}]`")),
        false => {
            let names: Vec<_> = sections.iter().map(|name| format!("`{name}`")).collect();
            error.help(format!("services there are {}", names.join(", ")))
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    refused(format!("the service file `{}` can't be read: {error}", path.display()))
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Settings, message)
}
