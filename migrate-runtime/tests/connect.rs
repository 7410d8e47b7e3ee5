//! Connections to real servers: `sslmode`, passwords, and what an error says.

#![cfg(feature = "tls")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows test functions as such, and not what they share"
)]

mod server;

use std::fs;
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind};
use embed_migrate_runtime::{DirectConnection, Settings, pool_error};
use server::{Authority, Server};

/// Roles with a password, and who gets in how.
const HBA: &str = "local all postgres trust\n\
                   local all all scram-sha-256\n\
                   hostssl all certified 127.0.0.1/32 cert\n\
                   hostnossl all plain 127.0.0.1/32 scram-sha-256\n\
                   hostssl all encrypted 127.0.0.1/32 scram-sha-256\n\
                   host all postgres 127.0.0.1/32 trust\n\
                   host all scram 127.0.0.1/32 scram-sha-256\n";

const ROLES: &str = "CREATE ROLE certified LOGIN; CREATE ROLE plain LOGIN PASSWORD 's3cr3t';
    CREATE ROLE encrypted LOGIN PASSWORD 's3cr3t'; CREATE ROLE scram LOGIN PASSWORD 's3cr3t'";

async fn connect_with(
    text: &str,
    variables: &[(&str, &str)],
) -> embed_migrate_core::Result<DirectConnection> {
    let find =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings::parse(text, &find)?.connect().await
}

async fn connect(text: &str) -> embed_migrate_core::Result<DirectConnection> {
    connect_with(text, &[]).await
}

/// Whether the connection is encrypted.
async fn encrypted(link: &DirectConnection) -> bool {
    let query = "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()";
    link.client.query_one(query, &[]).await.unwrap().get(0)
}

/// Fails with this message, and shows no password.
#[track_caller]
fn says(result: embed_migrate_core::Result<DirectConnection>, message: &str, rest: &[&str]) {
    let error = result.map(|_| ()).unwrap_err();
    check(&error, message, rest);
}

#[track_caller]
fn check(error: &Error, message: &str, rest: &[&str]) {
    let text = error.to_string();
    assert!(error.message().starts_with(message), "{text}\nnot: {message}");
    rest.iter().for_each(|part| assert!(text.contains(part), "{text}\nnot: {part}"));
    let source = std::error::Error::source(error);
    assert!(!format!("{error:?} {source:?}").contains("s3cr3t"), "{text}");
}

/// A server with TLS, its directory of certificates, and the text that connects to it as `postgres`.
struct Secure {
    server: Server,
    to: String,
}

impl Secure {
    /// The server's certificate is for these names.
    async fn start(names: &[&str]) -> Secure {
        let ca = Authority::new("ours");
        let (certificate, key) = ca.sign(names);
        let files = [("ca.crt", ca.pem.as_str()), ("s.crt", &certificate), ("s.key", &key)];
        let conf = "ssl = on\nssl_ca_file = 'ca.crt'\nssl_cert_file = 's.crt'\nssl_key_file = 's.key'";
        let server = Server::start(conf, HBA, &files);
        let write = |name: &str, text: &str| server::write(&server.directory.join(name), text);
        write("ca.crt", &ca.pem);
        write("other.crt", &Authority::new("other").pem);
        let (certificate, key) = ca.sign(&["certified"]);
        write("client.crt", &certificate);
        write("client.key", &key);
        let to = format!("host=localhost hostaddr=127.0.0.1 port={} dbname=postgres", server.port);
        let secure = Secure { server, to };
        secure.connect("user=postgres").await.unwrap().client.batch_execute(ROLES).await.unwrap();
        secure
    }

    /// With these parameters too, in which `$` stands for the directory.
    async fn connect(&self, rest: &str) -> embed_migrate_core::Result<DirectConnection> {
        connect(&format!("{} {}", self.to, rest.replace('$', self.server.socket()))).await
    }
}

#[tokio::test]
async fn sslmode_means_what_libpq_says() {
    let secure = Secure::start(&["localhost"]).await;
    for (rest, expect) in [
        ("sslmode=disable", false),
        ("sslmode=allow", false),
        ("sslmode=prefer", true),
        ("sslmode=prefer sslrootcert=$/other.crt", false),
        ("sslmode=require", true),
        ("sslmode=require sslrootcert=$/absent.crt", true),
        ("sslmode=require sslrootcert=$/ca.crt", true),
        ("sslmode=verify-ca sslrootcert=$/ca.crt", true),
        ("sslmode=verify-full sslrootcert=$/ca.crt", true),
    ] {
        let link = secure.connect(&format!("user=postgres {rest}")).await.unwrap();
        assert_eq!(encrypted(&link).await, expect, "{rest}");
    }
    let full = "sslmode=verify-full sslrootcert=$/ca.crt";
    let socket = format!("host=$ hostaddr='' user=postgres {full}");
    assert!(!encrypted(&secure.connect(&socket).await.unwrap()).await);

    let untrusted = "cannot connect to `localhost:";
    for mode in ["require", "verify-ca", "verify-full"] {
        let result = secure.connect(&format!("user=postgres sslmode={mode} sslrootcert=$/other.crt")).await;
        says(result, untrusted, &["UnknownIssuer", &format!("help: `sslmode={mode}` needs")]);
    }
    says(
        secure.connect("user=postgres sslmode=verify-ca sslrootcert=$/absent.crt").await,
        "`sslmode=verify-ca` needs root certificates, and there are none",
        &["absent.crt", "sslrootcert=system"],
    );
    says(
        secure.connect("user=postgres sslmode=verify-ca sslrootcert=$/client.key").await,
        "the root certificates can't be read",
        &["client.key", "there is no PEM certificate in it"],
    );
    if let Err(error) = secure.connect("user=postgres sslrootcert=system").await {
        assert!([ErrorKind::Connect, ErrorKind::Settings].contains(&error.kind()), "{error}");
    } else {
        panic!("the operating system trusts us");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_its_own_root() {
    let (certificate, key) = server::self_signed("localhost");
    let files = [("server.crt", certificate.as_str()), ("server.key", &key)];
    let server = Server::start("ssl = on", HBA, &files);
    let root = format!("{}/data/server.crt", server.socket());
    let to = format!("postgresql://postgres@localhost:{}/postgres?sslmode=verify-full", server.port);
    assert!(encrypted(&connect(&format!("{to}&sslrootcert={root}")).await.unwrap()).await);
    let other = server.directory.join("other.crt");
    server::write(&other, &server::self_signed("localhost").0);
    let result = connect(&format!("{to}&sslrootcert={}", other.display())).await;
    says(result, "cannot connect to `localhost:", &["help: `sslmode=verify-full`"]);
}

/// The certificates that the PostgreSQL manual makes, which webpki does not take; see `certificates/README`.
const ROOT: &str = include_str!("certificates/root.crt");
const FIRST_VERSION: [&str; 2] =
    [include_str!("certificates/server.crt"), include_str!("certificates/server.key")];
const COMMON_NAME: [&str; 2] =
    [include_str!("certificates/named.crt"), include_str!("certificates/named.key")];

#[tokio::test]
async fn certificates_of_the_manual_are_taken_as_libpq_takes_them() {
    for version in ["TLSv1.2", "TLSv1.3"] {
        let nobody = "note: nobody in the file of root certificates issued the server's certificate";
        let own =
            "note: the server's certificate is its own authority, and not in the file of root certificates";
        for ([certificate, key], root, untrusted) in
            [(FIRST_VERSION, ROOT, nobody), (COMMON_NAME, COMMON_NAME[0], own)]
        {
            let other = server::self_signed("localhost").0;
            let files =
                [("server.crt", certificate), ("server.key", key), ("root.crt", root), ("other.crt", &other)];
            let conf = format!(
                "ssl = on\nssl_min_protocol_version = '{version}'\nssl_max_protocol_version = '{version}'"
            );
            let server = Server::start(&conf, HBA, &files);
            let at = |host: &str, rest: &str| {
                let rest = rest.replace('$', &format!("{}/data", server.socket()));
                format!(
                    "host={host} hostaddr=127.0.0.1 port={} user=postgres dbname=postgres {rest}",
                    server.port
                )
            };
            for rest in [
                "",
                "sslmode=require",
                "sslmode=require sslrootcert=$/root.crt",
                "sslmode=verify-ca sslrootcert=$/root.crt",
                "sslmode=verify-full sslrootcert=$/root.crt",
            ] {
                let link =
                    connect(&at("localhost", rest)).await.unwrap_or_else(|error| panic!("{rest}: {error}"));
                assert!(encrypted(&link).await, "{rest}");
                assert_eq!(link.unencrypted(), None);
            }
            let elsewhere = "sslmode=verify-full sslrootcert=$/root.crt";
            let name = ["note: the server's certificate is for another host: connect by the name in it"];
            says(connect(&at("db.example", elsewhere)).await, "cannot connect to `db.example:", &name);
            let other = "sslmode=verify-ca sslrootcert=$/other.crt";
            says(connect(&at("localhost", other)).await, "cannot connect to `localhost:", &[untrusted]);
        }
    }
}

#[tokio::test]
async fn a_fall_back_to_plain_text_is_reported() {
    let secure = Secure::start(&["localhost"]).await;
    let untrusted = "user=postgres sslrootcert=$/other.crt";
    let link = secure.connect(untrusted).await.unwrap();
    assert!(!encrypted(&link).await);
    assert_eq!(link.unencrypted(), Some("invalid peer certificate: UnknownIssuer"));
    let messages = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let text = format!("{} {}", secure.to, untrusted.replace('$', secure.server.socket()));
    let settings = Settings::parse(&text, &|_| None).unwrap();
    let tell = |event: &embed_migrate_runtime::Event| messages.lock().unwrap().push(event.to_string());
    settings.connect_within(std::time::Duration::ZERO, &tell).await.unwrap();
    let message = "the connection is not encrypted: TLS failed (invalid peer certificate: UnknownIssuer); `sslmode=require` insists \
                   on it, `sslmode=disable` does without";
    assert_eq!(*messages.lock().unwrap(), [message]);
    // So does a run, which connects for itself.
    let heard = std::sync::Arc::clone(&messages);
    messages.lock().unwrap().clear();
    let tell = move |event: &embed_migrate_runtime::Event| heard.lock().unwrap().push(event.to_string());
    embed_migrate_runtime::Migrator::new([]).progress(tell).status(&settings).await.unwrap();
    assert_eq!(*messages.lock().unwrap(), [message]);
    assert_eq!(secure.connect("user=postgres sslmode=disable").await.unwrap().unencrypted(), None);
    let bare = Server::start("", HBA, &[]);
    let link = connect(&format!("postgresql://postgres@127.0.0.1:{}/postgres", bare.port)).await.unwrap();
    assert_eq!(link.unencrypted(), None, "a server without TLS is no surprise");
}

#[tokio::test]
async fn verify_full_wants_the_name() {
    let secure = Secure::start(&["db.example"]).await;
    let rest = "user=postgres sslrootcert=$/ca.crt";
    says(
        secure.connect(&format!("{rest} sslmode=verify-full")).await,
        "cannot connect to `localhost:",
        &["help: `sslmode=verify-full` needs a certificate for this host"],
    );
    assert!(encrypted(&secure.connect(&format!("{rest} sslmode=verify-ca")).await.unwrap()).await);
    let named = format!("{rest} sslmode=verify-full host=db.example");
    assert!(encrypted(&secure.connect(&named).await.unwrap()).await);
}

#[tokio::test]
async fn a_client_certificate_is_sent() {
    let secure = Secure::start(&["localhost"]).await;
    let both = "user=certified sslcert=$/client.crt sslkey=$/client.key sslmode=require";
    assert!(encrypted(&secure.connect(both).await.unwrap()).await);
    says(
        secure.connect("user=certified sslmode=require").await,
        "`localhost:",
        &["connection requires a valid client certificate"],
    );
    says(
        secure.connect("user=certified sslcert=$/client.crt sslmode=require").await,
        "the client has a certificate, but no key for it",
        &["client.crt", "help: name the key's file with `sslkey`"],
    );
    let key = secure.server.directory.join("client.key");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    says(secure.connect(both).await, "the client's key may be read by others", &["client.key", "0600"]);
}

#[tokio::test]
async fn certificates_are_looked_for_in_the_home_directory() {
    let secure = Secure::start(&["localhost"]).await;
    let home = secure.server.directory.join(".postgresql");
    fs::create_dir(&home).unwrap();
    let copy = |from: &str, to: &str| fs::copy(secure.server.directory.join(from), home.join(to)).unwrap();
    let variables = [("HOME", secure.server.socket())];
    let text = format!("{} user=certified sslmode=verify-full", secure.to);
    says(
        connect_with(&text, &variables).await,
        "`sslmode=verify-full` needs root certificates",
        &["root.crt"],
    );
    copy("ca.crt", "root.crt");
    copy("client.crt", "postgresql.crt");
    copy("client.key", "postgresql.key");
    assert!(encrypted(&connect_with(&text, &variables).await.unwrap()).await);
    copy("other.crt", "root.crt");
    let text = format!("{} user=certified sslmode=require", secure.to);
    says(connect_with(&text, &variables).await, "cannot connect to", &["UnknownIssuer"]);
}

#[tokio::test]
async fn scram_binds_the_channel() {
    let secure = Secure::start(&["localhost"]).await;
    let rest = "user=scram password=s3cr3t channel_binding=require";
    assert!(encrypted(&secure.connect(&format!("{rest} sslmode=require")).await.unwrap()).await);
    says(secure.connect(&format!("{rest} sslmode=disable")).await, "cannot connect to", &["channel binding"]);
}

#[tokio::test]
async fn prefer_and_allow_try_the_other_way() {
    let secure = Secure::start(&["localhost"]).await;
    let as_user = |user: &str, mode: &str| format!("user={user} password=s3cr3t sslmode={mode}");
    for (user, mode, expect) in [
        ("plain", "prefer", false),
        ("plain", "allow", false),
        ("encrypted", "allow", true),
        ("encrypted", "prefer", true),
    ] {
        assert_eq!(encrypted(&secure.connect(&as_user(user, mode)).await.unwrap()).await, expect);
    }
    says(secure.connect(&as_user("plain", "require")).await, "`localhost:", &["no pg_hba.conf entry"]);
    says(secure.connect(&as_user("encrypted", "disable")).await, "`localhost:", &["no pg_hba.conf entry"]);
    says(
        secure.connect(&as_user("nobody", "prefer")).await,
        "`localhost:",
        &["no encryption", "note: with TLS: no pg_hba.conf entry"],
    );
}

#[tokio::test]
async fn without_tls_prefer_is_plain_and_require_fails() {
    let server = Server::start("", HBA, &[]);
    let to = format!("postgresql://postgres@127.0.0.1:{}/postgres", server.port);
    assert!(!encrypted(&connect(&to).await.unwrap()).await);
    assert!(!encrypted(&connect(&format!("{to}?sslmode=allow")).await.unwrap()).await);
    let message = format!("cannot connect to `127.0.0.1:{}`: server does not support TLS", server.port);
    says(connect(&format!("{to}?sslmode=require")).await, &message, &["help: `sslmode=require` needs"]);
}

#[tokio::test]
async fn passwords_come_from_where_libpq_looks() {
    let server = Server::start("", HBA, &[]);
    let at = format!("127.0.0.1:{}", server.port);
    let to = format!("postgresql://scram@{at}/postgres");
    let home = server.socket();
    let admin = connect(&format!("postgresql://postgres@{at}/postgres")).await.unwrap();
    admin.client.batch_execute(ROLES).await.unwrap();

    let passfile = server.directory.join(".pgpass");
    let line = format!("# ours\n127.0.0.1:{}:*:scram:s3cr3t\n", server.port);
    server::write(&passfile, &line);
    connect_with(&to, &[("HOME", home)]).await.unwrap();
    connect_with(&to, &[("PGPASSFILE", passfile.to_str().unwrap())]).await.unwrap();
    connect_with(&to, &[("PGPASSWORD", "s3cr3t")]).await.unwrap();
    connect(&to.replace("scram@", "scram:s3cr3t@")).await.unwrap();

    let wrong = format!("password authentication failed for user `scram` at `{at}`");
    says(connect(&to.replace("scram@", "scram:s3cr3ts@")).await, &wrong, &["password is from the URL"]);
    let mine = [("PGPASSWORD", "s3cr3ts"), ("HOME", home)];
    says(connect_with(&to, &mine).await, &wrong, &["from the variable `PGPASSWORD`", "user `scram`"]);
    server::write(&passfile, &line.replace("s3cr3t", "s3cr3ts"));
    says(connect_with(&to, &[("HOME", home)]).await, &wrong, &["is from line 2 of `", ".pgpass`"]);

    let none = format!("user `scram` needs a password at `{at}`, and none was given");
    says(connect(&to).await, &none, &["help: set `PGPASSWORD`"]);
    fs::set_permissions(&passfile, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    says(connect_with(&to, &[("HOME", home)]).await, &none, &["passed over: others may read it", "0600"]);

    // As in libpq, the first line that fits counts, and one without a password has none.
    let empty = server.directory.join("empty");
    server::write(&empty, &format!("127.0.0.1:{}:*:scram:\n*:*:*:*:s3cr3t\n", server.port));
    let note = format!(
        "note: the password in line 1 of `{}` is empty; later lines do not count\n  help: set `PGPASSWORD`",
        empty.display()
    );
    says(connect_with(&to, &[("PGPASSFILE", empty.to_str().unwrap())]).await, &none, &[&note]);
    let absent = |origin: &str| {
        format!(
            "note: the password file `/none/pgpass`, which {origin} names, does not exist\n  help: set `PGPASSWORD`"
        )
    };
    let note = absent("the variable `PGPASSFILE`");
    says(connect_with(&to, &[("PGPASSFILE", "/none/pgpass")]).await, &none, &[&note]);
    let named = format!("{to}?passfile=/none/pgpass");
    says(connect_with(&named, &[("HOME", home)]).await, &none, &[&absent("the URL")]);
}

/// At the server that the URL leads to, which a `createdb` would not know.
const CREATE: &str = "help: create it: `cargo migrate database create`, with the same URL (`DATABASE_URL`, or `--database-url`)";

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = Server::start("", HBA, &[]);
    let to = format!("postgresql://postgres@127.0.0.1:{}", server.port);
    let message = format!("database `no-such` does not exist at `127.0.0.1:{}`", server.port);
    says(connect(&format!("{to}/no-such")).await, &message, &[CREATE]);

    let down = server::free_port();
    let message = format!("cannot connect to `127.0.0.1:{down}`: connection refused");
    let rest = ["help: is the server running", "database `demo`", "user `ann`"];
    says(connect(&format!("postgresql://ann:s3cr3t@127.0.0.1:{down}/demo")).await, &message, &rest);
    let empty = [("PGHOST", "127.0.0.1"), ("PGPORT", &down.to_string()), ("PGUSER", "ann")];
    let rest = [
        "note: the connection string is empty: libpq's variables and defaults are used\n  help: is the server running",
    ];
    says(connect_with(" ", &empty).await, &message, &rest);
    let nowhere = format!("host={} port=1 user=ann", server.socket());
    says(connect(&nowhere).await, "cannot connect to `/", &["there is no such socket"]);
    let unknown = "postgresql://ann@no-such-host.invalid/demo";
    says(
        connect(unknown).await,
        "cannot connect to `no-such-host.invalid:5432`: the host's name is not",
        &[],
    );

    let second = format!(
        "postgresql://postgres@127.0.0.1:{down},127.0.0.1:{}/postgres?connect_timeout=9",
        server.port
    );
    connect(&second).await.unwrap();
    says(
        connect(&second.replace("/postgres?", "/none?")).await,
        "database `none`",
        &["also, cannot connect"],
    );
    let standby = format!("{second}&target_session_attrs=read-only");
    says(connect(&standby).await, "cannot connect to", &["session is not read-only"]);

    let mut links = Vec::new();
    let full = loop {
        match connect(&format!("{to}/postgres")).await {
            Ok(link) => links.push(link),
            Err(error) => break error,
        }
    };
    check(&full, "cannot connect to `127.0.0.1:", &["too many clients", "help: close connections"]);
}

#[tokio::test]
async fn a_silent_server_does_not_hang_us() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let to = format!("postgresql://ann@127.0.0.1:{port}/demo?connect_timeout=1");
    says(connect(&to).await, &format!("cannot connect to `127.0.0.1:{port}`: no answer in 1 s"), &[]);
}

#[tokio::test]
async fn a_pool_connects_by_the_same_rules() {
    let secure = Secure::start(&["localhost"]).await;
    let pool = |rest: &str| {
        let text = format!("{} {}", secure.to, rest.replace('$', secure.server.socket()));
        Settings::parse(&text, &|_| None).unwrap().pool(2).unwrap()
    };
    let full = pool("user=scram password=s3cr3t sslmode=verify-full sslrootcert=$/ca.crt");
    let row = full.get().await.unwrap().query_one("SELECT 1", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 1);
    assert!(!format!("{:?}", full.manager()).contains("s3cr3t"));

    let wrong = pool("user=scram password=s3cr3ts").get().await.map(|_| ()).map_err(pool_error);
    let rest = ["password is from the connection string"];
    check(&wrong.unwrap_err(), "password authentication failed for user `scram`", &rest);

    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(secure.server.port).user("scram").password("s3cr3t").dbname("postgres");
    config.ssl_mode(tokio_postgres::config::SslMode::Require);
    assert!(encrypted(&Settings::from(config).connect().await.unwrap()).await);
}

#[tokio::test]
async fn a_dropped_link_closes_and_a_canceller_cancels() {
    let secure = Secure::start(&["localhost"]).await;
    let named = format!("{} user=postgres sslmode=require", secure.to);
    let settings = Settings::parse(&named, &|_| None).unwrap().application_name("dropped");
    let link = settings.connect().await.unwrap();
    let canceller = link.canceller();
    let running = link.client.simple_query("SELECT pg_catalog.pg_sleep(60)");
    let cancelling = async {
        // The query may not have begun yet, and then there is nothing to cancel.
        loop {
            canceller.cancel().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        result = running => {
            let code = result.unwrap_err().code().cloned();
            assert_eq!(code, Some(tokio_postgres::error::SqlState::QUERY_CANCELED));
        }
        () = cancelling => {}
    }
    drop(link);
    let admin = secure.connect("user=postgres").await.unwrap();
    let query = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE application_name = 'dropped'";
    while admin.client.query_one(query, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn tests_leave_nothing_behind() {
    let directory = {
        let server = Server::start("", HBA, &[]);
        server.directory.clone()
    };
    assert!(!Path::new(&directory).exists());
}

/// A pool as an application makes one that knows nothing of ours.
fn foreign_pool(port: u16, password: Option<&str>) -> deadpool_postgres::Pool {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port).user("an\"n [x], host: [").dbname("demo");
    password.map(|password| config.password(password));
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap()
}

#[tokio::test]
async fn a_pool_of_the_applications_own_says_where_it_leads() {
    let failed = async |pool: &deadpool_postgres::Pool| {
        let error = embed_migrate_runtime::Migrator::new([])
            .with(|options| options.connect_wait = Some(std::time::Duration::ZERO))
            .run(pool)
            .await;
        error.unwrap_err()
    };
    let down = server::free_port();
    let where_ = |port: u16| format!("server `127.0.0.1:{port}`, database `demo`, user `an\"n [x], host: [`");
    assert_eq!(
        failed(&foreign_pool(down, Some("s3cr3t"))).await.to_string(),
        format!(
            "cannot connect to `127.0.0.1:{down}`: connection refused\n  note: {}\n  \
             help: is the server running, and does it listen there?",
            where_(down)
        )
    );
    let server = Server::start("", HBA, &[]);
    let error = failed(&foreign_pool(server.port, Some("s3cr3t"))).await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert_eq!(error.notes()[0], where_(server.port));
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(server.port).user("postgres").dbname("no-such");
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let error = failed(&deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap()).await;
    assert_eq!(
        error.to_string(),
        format!(
            "database `no-such` does not exist at `127.0.0.1:{0}`\n  \
             note: server `127.0.0.1:{0}`, database `no-such`, user `postgres`\n  {CREATE}",
            server.port
        )
    );
}
