//! What a URL, a `key=value` string and the variables mean.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows test functions as such, and not what they share"
)]

use embed_migrate_runtime::{Settings, SslMode};

type Variables<'a> = &'a [(&'a str, &'a str)];

fn parse(text: &str, variables: Variables<'_>) -> embed_migrate_core::Result<Settings> {
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
    assert_eq!(error.kind(), embed_migrate_core::ErrorKind::Settings, "{text}");
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
        assert_eq!(error.kind(), embed_migrate_core::ErrorKind::Settings, "{text}");
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
fn urls_of_rex_deploy_are_postgresqls() {
    check("pgsql:deploy_demo", &[("PGHOST", "h"), ("PGUSER", "ann")], "ann@h:5432/deploy_demo prefer");
    check("pgsql:///deploy_demo", &[("PGHOST", "h"), ("PGUSER", "ann")], "ann@h:5432/deploy_demo prefer");
    check("pgsql://u:p@h:5432/d", &[], "u@h:5432/d prefer");
    check(
        "pgsql://aladdin:opensesame@127.0.0.1:2345/deploy_demo",
        &[],
        "aladdin@127.0.0.1:2345/deploy_demo prefer",
    );
    check("pgsql:d%2Fe?host=h&user=ann&sslmode=require", &[], "ann@h:5432/d/e require");
    check("pgsql:", &[("PGHOST", "h"), ("PGUSER", "ann")], "ann@h:5432/ann prefer");
    for text in ["pgsql:u:p@h:5432/d", "pgsql:u@h", "pgsql:h/d", "pgsql:/d", "pgsql:u:p"] {
        let error = parse(text, &[]).map(|settings| settings.to_string()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed PostgreSQL URL: `//` is missing after the scheme\n  \
             help: write `postgresql://user:password@host:5432/database?sslmode=verify-full`, and `%40` for `@`, `%2F` for `/`, \
             `%3A` for `:`, `%25` for `%` within a part"
        );
    }
    refused(
        "",
        &[("PGDATABASE", "pgsql:demo")],
        "the value of `dbname` in the variable `PGDATABASE` is a URL",
    );
    refused("host=pgsql://u:p@h/d", &[], "the value of `host` in the connection string is a URL");
}

/// A directory with service files: `mine` (which HOME and PGSERVICEFILE are to lead to) and `etc/pg_service.conf`.
fn services(mine: &[u8], system: &[u8]) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("etc")).unwrap();
    std::fs::write(directory.path().join(".pg_service.conf"), mine).unwrap();
    std::fs::write(directory.path().join("etc/pg_service.conf"), system).unwrap();
    let path = directory.path().to_str().unwrap().to_owned();
    (directory, path)
}

const MINE: &[u8] = b"# ours\n[prod]  \n  host=db.example\r\nport=6543\nport=1\ndbname=demo\nuser=ann\n\n[ half\n[Stra\xdfe]\nhost=\xdf\n\
      [prod]\nhost=other\n[short]\nport=\n";

#[test]
fn a_service_says_what_the_text_leaves_open_and_comes_before_the_variables() {
    let (_held, home) = services(MINE, b"[prod]\nhost=system\n[all]\nhost=all.example\nuser=all\n");
    let etc = format!("{home}/etc");
    let variables = [("HOME", home.as_str()), ("PGSYSCONFDIR", &etc), ("PGPORT", "9"), ("PGUSER", "eve")];
    let with = |name, value| [variables.as_slice(), &[(name, value)]].concat();
    check("service=prod", &variables, "ann@db.example:6543/demo prefer");
    check("", &with("PGSERVICE", "prod"), "ann@db.example:6543/demo prefer");
    check("postgresql:///x?service=prod", &variables, "ann@db.example:6543/x prefer");
    check("pgsql:x?service=prod&port=", &variables, "ann@db.example:5432/x prefer");
    check("host=h service=prod", &with("PGSERVICE", "all"), "ann@h:6543/demo prefer");
    // What neither says, the variables do; an empty value asks for the default.
    check("service=all", &variables, "all@all.example:9/all prefer");
    check("service=short host=h", &variables, "eve@h:5432/eve prefer");
    // A file that is named takes the place of one's own; the system's is looked into after it.
    let file = format!("{home}/named");
    std::fs::write(&file, "[prod]\nhost=named\n").unwrap();
    check("service=prod", &with("PGSERVICEFILE", &file), "eve@named:9/eve prefer");
    check("service=all", &with("PGSERVICEFILE", &file), "all@all.example:9/all prefer");
    check(&format!("service=prod servicefile={file}"), &variables, "eve@named:9/eve prefer");
}

#[test]
fn a_bad_service_is_reported_with_file_and_line() {
    let (_held, home) = services(
        b"[prod]\nhost = h\n[typo]\nhots=h\n[bare]\nhost=h\nsecret\n[nested]\nservice=prod\n[port]\nhost=h\nport=x\n\
          [crl]\nsslcrl=/x\n[latin]\nuser=J\xf6rg\n[ldap]\nldap://h/o?a\n[url]\nhost=pgsql:d\n",
        b"",
    );
    let etc = format!("{home}/etc");
    let (own, none) = (format!("{home}/.pg_service.conf"), format!("{home}/none"));
    let variables = [("HOME", home.as_str()), ("PGSYSCONFDIR", &etc)];
    let with = |name, value| [variables.as_slice(), &[(name, value)]].concat();
    let refused = |text: &str, variables: Variables<'_>, expect: &str| {
        let error = parse(text, variables).map(|settings| settings.to_string()).unwrap_err();
        assert_eq!(error.to_string(), expect.replace("OWN", &own).replace("HOME", &home), "{text}");
    };
    let name = "PGSERVICE";
    refused(
        "service=prod",
        &variables,
        "line 2 of `OWN` has a blank between `host` and `=`\n  help: take it out: neither blanks nor quotes belong around a value here",
    );
    refused(
        "",
        &with(name, "typo"),
        "unknown parameter `hots` in line 4 of `OWN`\n  help: did you mean `host`, `port`?",
    );
    refused(
        "",
        &with(name, "bare"),
        "line 7 of `OWN` has no `=`\n  help: write a parameter a line, such as `host=db.example`",
    );
    refused(
        "",
        &with(name, "nested"),
        "line 9 of `OWN` has `service`, which is not allowed in a service file\n  help: write that service's parameters out",
    );
    refused(
        "",
        &with(name, "port"),
        "the value of `port` in line 12 of `OWN` is not a number from 1 to 65535, or one for each host with commas between them",
    );
    refused(
        "",
        &with(name, "crl"),
        "the parameter `sslcrl` in line 14 of `OWN` is not supported\n  help: leave it out",
    );
    refused(
        "",
        &with(name, "latin"),
        "line 16 of `OWN` is not UTF-8\n  help: write the file in UTF-8, or the value in the connection string",
    );
    refused(
        "",
        &with(name, "ldap"),
        "line 18 of `OWN` has the service looked up by LDAP, which is not supported\n  \
         help: write the service's parameters out, a line each",
    );
    refused(
        "",
        &with(name, "url"),
        "the value of `host` in line 20 of `OWN` is a URL\n  help: give the URL as the whole connection string \
         (`DATABASE_URL`, or `--database-url`), and not as one of its parts",
    );
    refused(
        "",
        &with(name, "prd"),
        "the service `prd`, which the variable `PGSERVICE` names, is not defined\n  note: `OWN` was looked into\n  \
         note: `HOME/etc/pg_service.conf` was looked into\n  help: services there are `prod`, `typo`, `bare`, `nested`, `port`, \
         `crl`, `latin`, `ldap`, `url`",
    );
    refused(
        "service=prod",
        &[("PGSYSCONFDIR", &none)],
        "the service `prod`, which the connection string names, is not defined\n  note: there is no service file\n  \
         help: write a section `[NAME]` with `key=value` lines into `~/.pg_service.conf`, or name another file in `PGSERVICEFILE`",
    );
    refused(
        "",
        &with(name, ""),
        "the service's name in the variable `PGSERVICE` is empty\n  \
         help: name a section of the service file, or remove the parameter",
    );
    let marked = format!("{home}/marked");
    std::fs::write(&marked, "\u{feff}[prod]\nhost=h\n[other]\nhost=h\nuser=ann\n").unwrap();
    refused(
        "service=prod",
        &with("PGSERVICEFILE", &marked),
        "the service `prod`, which the connection string names, is not defined\n  \
         note: `HOME/marked` was looked into; it begins with a byte order mark, with which its first line does not count: save \
         it without one\n  note: `HOME/etc/pg_service.conf` was looked into\n  help: services there are `other`",
    );
    // As libpq has it.
    check("service=other", &with("PGSERVICEFILE", &marked), "ann@h:5432/ann prefer");
    refused(
        "service=prod",
        &with("PGSERVICEFILE", ""),
        "the service file's name is empty\n  help: name a file in `PGSERVICEFILE`, or unset the variable",
    );
    refused(
        "service=prod",
        &with("PGSERVICEFILE", &none),
        "the service file `HOME/none` can't be read: No such file or directory (os error 2)",
    );
    refused(
        "service=prod",
        &with("PGSERVICEFILE", &home),
        "the service file `HOME` can't be read: Is a directory (os error 21)",
    );
}

#[test]
fn what_is_not_postgresql_is_refused_by_name() {
    refused("mysql:///demo", &[], "`mysql:` is not the scheme of a PostgreSQL URL");
    refused("sqlite:demo.db", &[], "`sqlite:`");
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
    "pgsql://ann:s3cr3t@h/demo",
    "pgsql://ann:s3cr3t",
    "pgsql:ann:s3cr3t@h/demo",
    "pgsql:ann:s3cr3t",
    "pgsql:s3cr3t@h",
    "pgsql:demo?password=s3cr3t",
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
