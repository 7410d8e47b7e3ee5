//! What a URL, a `key=value` string and the variables mean.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows test functions as such, and not what they share"
)]

use migrate_runtime::{Settings, SslMode};

type Variables<'a> = &'a [(&'a str, &'a str)];

fn parse(text: &str, variables: Variables<'_>) -> migrate_core::Result<Settings> {
    Settings::parse(text, &|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

/// What the text and the variables come to: where it goes, then the `sslmode`.
fn check(text: &str, variables: Variables<'_>, expect: &str) {
    let settings = parse(text, variables).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(format!("{settings} {}", settings.ssl_mode()), expect, "{text}");
}

/// The error's first line, then its help.
fn refused(text: &str, variables: Variables<'_>, expect: &str) {
    let error = parse(text, variables).map(|settings| settings.to_string()).unwrap_err();
    assert_eq!(error.kind(), migrate_core::ErrorKind::Settings, "{text}");
    assert!(error.to_string().contains(expect), "{text}\nsaid: {error}\nnot:  {expect}");
}

#[test]
fn urls_mean_what_libpq_says() {
    check("postgresql://ann@db.example/demo", &[], "ann@db.example:5432/demo prefer");
    check("postgres://ann:pw@db.example:6543", &[], "ann@db.example:6543/ann prefer");
    check("postgresql://ann@a,b:6543,[::1]:7/demo", &[], "ann@a:5432,b:6543,[::1]:7/demo prefer");
    check("postgresql://ann@%2Fvar%2Frun/demo", &[], "ann@/var/run/.s.PGSQL.5432/demo prefer");
    check("postgresql:///demo?host=/tmp&user=ann", &[], "ann@/tmp/.s.PGSQL.5432/demo prefer");
    check("postgresql:///demo?host=h&user=ann%40tenant", &[], "ann@tenant@h:5432/demo prefer");
    check("postgresql:///demo?host=h&user=ann@tenant", &[], "ann@tenant@h:5432/demo prefer");
    check("postgresql://ann@h/d%2Fe%20f?sslmode=verify-ca", &[], "ann@h:5432/d/e f verify-ca");
    check("postgresql://ann@h?ssl=true", &[], "ann@h:5432/ann require");
    check("postgresql://ann@h/demo?sslrootcert=system", &[], "ann@h:5432/demo verify-full");
    check("postgresql://ann@[2001:db8::1]/demo", &[], "ann@[2001:db8::1]:5432/demo prefer");
    check("  postgresql://ann@h/demo\n", &[], "ann@h:5432/demo prefer");
    check("postgresql://h:1/demo?user=ann&hostaddr=127.0.0.1", &[], "ann@h:1/demo prefer");
    check("postgresql://ann:p%40%3A%2F@h/demo", &[], "ann@h:5432/demo prefer");
    check("postgresql://ann@h/demo?gssencmode=disable&client_encoding=UTF8", &[], "ann@h:5432/demo prefer");
}

#[test]
fn a_connection_string_in_the_wrong_place_is_refused_and_not_shown() {
    let url = "postgresql://u:hunter2@127.0.0.1:5432/d";
    for (text, variables, expect) in [
        (
            "host=127.0.0.1;port=5432;user=u;password=hunter2;dbname=d",
            &[][..],
            "the value of `host` in the connection string has a `;` or `=` in it",
        ),
        ("Host=h;Username=u;Password=hunter2", &[][..], "unknown parameter `Host` in the connection string"),
        ("", &[("PGDATABASE", url)][..], "the value of `dbname` in the variable `PGDATABASE` is a URL"),
        ("", &[("PGHOST", url)][..], "the value of `host` in the variable `PGHOST` is a URL"),
        ("", &[("PGUSER", url)][..], "the value of `user` in the variable `PGUSER` is a URL"),
        (
            "dbname=postgresql://u:hunter2@h/d",
            &[][..],
            "the value of `dbname` in the connection string is a URL",
        ),
        (
            "postgresql://127.0.0.1:5432/d?user=u&password=hun&hunter2=3",
            &[][..],
            "the URL has an unknown parameter",
        ),
        (
            "postgresql://h/d?password=hun&application_name=x&hunter2=3",
            &[][..],
            "the URL has an unknown parameter",
        ),
    ] {
        let error = parse(text, variables).map(|settings| settings.to_string()).unwrap_err();
        assert_eq!(error.kind(), migrate_core::ErrorKind::Settings, "{text}");
        assert_eq!(error.message(), expect, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn key_value_strings_mean_what_libpq_says() {
    check("host=h user=ann dbname=demo", &[], "ann@h:5432/demo prefer");
    check("host = h  user='ann o\\'hara' dbname='a\\\\b' port=7", &[], "ann o'hara@h:7/a\\b prefer");
    check("host=a,b port=1,2 user=ann password=''", &[], "ann@a:1,b:2/ann prefer");
    check("host=a,b port=,2 user=ann\tdbname=", &[], "ann@a:5432,b:2/ann prefer");
    check("hostaddr=::1 user=ann sslmode=allow", &[], "ann@[::1]:5432/ann allow");
    check("host=h user=x\\ y keepalives_count=3 tcp_user_timeout=500", &[], "x y@h:5432/x y prefer");
}

#[test]
fn variables_fill_what_the_text_leaves_open() {
    let variables: Variables<'_> = &[
        ("PGHOST", "h"),
        ("PGPORT", "6543"),
        ("PGUSER", "bob"),
        ("PGDATABASE", "theirs"),
        ("PGSSLMODE", "verify-full"),
        ("PGCONNECT_TIMEOUT", "3"),
    ];
    check("", variables, "bob@h:6543/theirs verify-full");
    check("postgresql://", variables, "bob@h:6543/theirs verify-full");
    check("postgresql:///demo", variables, "bob@h:6543/demo verify-full");
    check("postgresql://ann@x/demo?sslmode=disable", variables, "ann@x:6543/demo disable");
    check("host=x port=1", variables, "bob@x:1/theirs verify-full");
    check("host=x port='' user=ann dbname=''", variables, "ann@x:5432/ann verify-full");
}

#[test]
fn what_nobody_says_is_libpqs_default() {
    let settings = parse("", &[("PGHOST", "")]).unwrap();
    assert!(settings.to_string().contains("@/"), "{settings}");
    assert!(settings.to_string().contains("/.s.PGSQL.5432/"), "{settings}");
    assert_eq!(settings.database(), settings.user());
    assert_eq!(settings.ssl_mode(), SslMode::Prefer);
    assert_eq!(settings.with_database("other").database(), "other");
}

#[test]
fn what_is_not_postgresql_is_refused_by_name() {
    refused("mysql:///demo", &[], "`mysql:` is not the scheme of a PostgreSQL URL");
    refused("sqlite:demo.db", &[], "`sqlite:`");
    refused("pgsql:demo", &[], "`pgsql:`");
    refused("jdbc:postgresql://h/d", &[], "`jdbc:`");
    refused("postgresql+psycopg2://h/d", &[], "`postgresql+psycopg2:`");
    refused("postgresql:demo", &[], "`//` is missing after the scheme");
    refused("mysql:///demo", &[], "only PostgreSQL is supported: write `postgresql://");
}

#[test]
fn mistakes_are_named() {
    refused("host=h sslmod=require", &[], "unknown parameter `sslmod` in the connection string");
    refused("host=h sslmod=require", &[], "did you mean `sslmode`");
    refused("postgresql://h/d?quux=1", &[], "known are `application_name`");
    refused("host=h sslmode=verify", &[], "the value of `sslmode` in the connection string is not one of");
    refused("postgresql://ann@h:0/d", &[], "the value of `port` in the URL is not a number from 1 to 65535");
    refused("", &[("PGPORT", "x")], "the value of `port` in the variable `PGPORT` is not");
    refused("host=a,b port=1,2,3", &[], "3 ports and 2 hosts do not pair up");
    refused("host=a,b hostaddr=::1", &[], "2 hosts and 1 addresses (`hostaddr`) do not pair up");
    refused("host=h service=prod", &[], "`service` in the connection string is not supported");
    refused("", &[("PGSERVICE", "prod")], "`service` in the variable `PGSERVICE` is not supported");
    refused("host=h sslcrl=/x", &[], "`sslcrl` in the connection string is not supported");
    refused("host=h sslrootcert=system sslmode=require", &[], "`sslmode=require` is too weak for");
    refused("host=h sslnegotiation=direct", &[], "`sslmode=prefer` is too weak for");
    refused("host=h target_session_attrs=master", &[], "`read-only`, `primary`, `standby`, `prefer-standby`");
    refused("host=h user", &[], "the word after the value of `host` in the connection string has no `=`");
    refused("demo", &[], "the first word in the connection string has no `=`");
    refused("host='h", &[], "the value of `host` in the connection string has no closing `'`");
    refused("postgresql://[::1/d", &[], "`[` has no `]`");
    refused("postgresql://[::1]x/d", &[], "after `]` only");
    refused("postgresql://h/%zz", &[], "`%` is not followed by two hexadecimal digits");
    refused("postgresql://h/%00", &[], "`%00`");
    refused("postgresql://h/%ff", &[], "not UTF-8");
    refused("postgresql://h/d?user", &[], "a parameter after `?` has no `=`");
    refused("host=h\0", &[], "NUL");
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn without_the_feature_what_needs_tls_is_refused_by_name() {
    let settings = parse("postgresql://ann@127.0.0.1:1/demo?sslmode=verify-full", &[]).unwrap();
    let error = settings.connect().await.map(|_| ()).unwrap_err();
    assert_eq!(error.message(), "`sslmode=verify-full` needs TLS, which this program was built without");
    let settings = parse("postgresql://ann@127.0.0.1:1/demo", &[]).unwrap();
    let error = settings.connect().await.map(|_| ()).unwrap_err();
    assert_eq!(error.message(), "cannot connect to `127.0.0.1:1`: connection refused");
}

#[test]
fn no_text_makes_it_panic() {
    let pieces =
        ["postgresql://", "a", ":", "@", "/", "?", "=", "&", "%", "%4", "[", "]", ",", "'", "\\", " ", "ü"];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
        for text in &texts {
            for text in [text.clone(), format!("postgresql://{text}"), format!("host={text}")] {
                drop(parse(&text, &[("PGUSER", "ann"), ("PGHOST", "h")]));
            }
        }
        texts.truncate(5000);
    }
}

/// Texts with the password `s3cr3t` whole or in pieces, well-formed and not.
const SECRETS: &[&str] = &[
    "postgresql://ann:s3cr3t@h/demo",
    "postgresql://ann:s3cr3t@h:port/demo",
    "postgresql://ann:s3cr3t",
    "postgresql://ann:s3cr3t/x@h/demo",
    "postgresql://ann:x/s3cr3t@h/demo",
    "postgresql://ann:x/y?s3cr3t=1@h/demo",
    "postgresql://ann:x/y?sslmode=s3cr3t@h/demo",
    "postgresql://ann:1234/s3cr3t@h/demo",
    "postgresql://ann:x@s3cr3t@h/demo",
    "postgresql://ann:s3cr3t%zz@h/demo",
    "postgresql://ann:s3cr3t%ff@h/demo",
    "postgresql://ann:s3cr3t@[h/demo",
    "postgresql://ann:[s3cr3t@h/demo",
    "postgresql://ann@h/demo?password=s3cr3t",
    "postgresql://ann@h/demo?password=s3cr3t&x",
    "postgresql://ann@h/demo?password=x=s3cr3t",
    "mysql://ann:s3cr3t@h/demo",
    "ann:s3cr3t@h/demo",
    "postgresql:ann:s3cr3t@h",
    "host=h user=ann password=s3cr3t",
    "host=h user=ann password='s3cr3t",
    "host=h user=ann password=x s3cr3t",
    "host=h user=ann password=x s3cr3t=y",
    "host=h user=ann password=x y s3cr3t='z",
    "host=h user=ann password=x 's3cr3t'='z",
    "password s3cr3t",
    "s3cr3t",
    "host=h user=ann password=s3cr3t sslmode=x",
    "host=h user=ann password=s3cr3t port=x quux=1",
];

#[test]
fn the_password_is_never_shown() {
    for text in SECRETS {
        let shown = match parse(text, &[("PGHOST", "h")]) {
            Ok(settings) => format!("{settings} {settings:?} {settings:#?}"),
            Err(error) => format!("{error} {error:?} {:?}", std::error::Error::source(&error)),
        };
        assert!(!shown.contains("s3cr3t"), "{text}: {shown}");
    }
    let settings = parse("", &[("PGHOST", "h"), ("PGPASSWORD", "s3cr3t")]).unwrap();
    assert!(!format!("{settings} {settings:?}").contains("s3cr3t"));
    let mut config = tokio_postgres::Config::new();
    config.host("h").password("s3cr3t");
    assert!(!format!("{:?}", Settings::from(config)).contains("s3cr3t"));
}
