//! Connection strings are read as libpq reads them, or refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

use embed_migrate_runtime::Settings;
use fuzz::{Libpq, joined, run, words};
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "postgresql://",
    "postgres://",
    "ann",
    ":",
    "secret",
    "@",
    "db.example",
    ",",
    "db2",
    "[::1]",
    ":5433",
    "/",
    "demo",
    "?",
    "&",
    "host=",
    "port=",
    "user=",
    "dbname=",
    "password=",
    "sslmode=",
    "connect_timeout=",
    "options=",
    "application_name=",
    "require",
    "disable",
    "5432",
    "0",
    "3",
    "'",
    "\\",
    "\\'",
    "%20",
    "%2F",
    "%",
    "%zz",
    "%00",
    "/var/run/postgresql",
    "a b",
    "é",
    "hostaddr=",
    "127.0.0.1",
    "=",
    ";",
    "target_session_attrs=",
    "any",
    "read-write",
    "#",
];
const SEPARATORS: &[&str] = &["", "", "", "", "", " ", "  ", "\t", "\n", "\u{b}"];

#[test]
fn connection_strings_are_read_as_by_libpq() {
    let libpq = Libpq::load();
    run(&words(12), |choices| {
        let text = joined(&choices, WORDS, SEPARATORS);
        let ours = Settings::parse(&text, &|name| (name == "USER").then(|| "me".to_owned()));
        // White space around a URL is a slip of whoever set the variable, which libpq takes for a part of it.
        let theirs = if text.trim_start().starts_with("postgres") { text.trim() } else { &text };
        match (libpq.parse(theirs), ours) {
            // libpq looks at values when it connects, and so may be content with more than we are.
            (_, Err(_)) => {}
            (Err(message), Ok(settings)) => {
                prop_assert!(false, "{text:?}: libpq says {message:?}, and we read `{settings}`");
            }
            (Ok(parsed), Ok(settings)) => {
                prop_assert_eq!(settings.to_string(), shown(&parsed, &settings), "{:?}: {:?}", text, parsed);
            }
        }
        Ok(())
    });
}

/// What settings are shown as that have libpq's values.
fn shown(parsed: &BTreeMap<String, String>, ours: &Settings) -> String {
    let value = |name: &str| parsed.get(name).filter(|value| !value.is_empty()).cloned();
    let user = value("user").unwrap_or_else(|| ours.user().to_owned());
    let database = value("dbname").unwrap_or_else(|| user.clone());
    let list = |name: &str| -> Vec<String> {
        value(name).map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default()
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let endpoints: Vec<String> = (0..hosts.len().max(addresses.len()).max(1))
        .map(|index| {
            let [host, address] =
                [&hosts, &addresses].map(|list| list.get(index).filter(|host| !host.is_empty()));
            let port = if ports.len() > 1 { ports.get(index) } else { ports.first() };
            let port = port.filter(|port| !port.is_empty()).map_or("5432", |port| port.trim());
            let port: u16 = port.parse().expect("libpq connects to a port that is a number only");
            match host.or(address).map_or("/var/run/postgresql", String::as_str) {
                // With an address it is connected to that, and the host is but a name.
                socket if socket.starts_with('/') && address.is_none() => format!("{socket}/.s.PGSQL.{port}"),
                host if host.contains(':') => format!("[{host}]:{port}"),
                host => format!("{host}:{port}"),
            }
        })
        .collect();
    format!("{user}@{}/{database}", endpoints.join(","))
}
