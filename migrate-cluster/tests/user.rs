//! Each verb on a user, and each refusal, on a server that asks for passwords on TCP.

#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::sync::OnceLock;

use embed_migrate_cluster::{
    Cluster, DatabaseOptions, DirectConnection, Error, ErrorKind, Host, Profile, Settings, Throwaway, User,
    UserOptions,
};
use support::{installation, kept, refused};
use tokio_postgres::Config;

/// A server that writes all statements to its log, and asks for a password on TCP as a durable instance does.
fn server() -> &'static Throwaway {
    static SERVER: OnceLock<Throwaway> = OnceLock::new();
    SERVER.get_or_init(|| {
        kept(async {
            let profile = Profile::throwaway().port(0).setting("log_statement", "all");
            let profile = profile.setting("log_min_error_statement", "debug5");
            let mut server = Throwaway::start_with(&installation(), profile).await.unwrap();
            let rules = std::fs::read_to_string(rules_of(&server)).unwrap();
            let lines = rules.lines().map(|line| match line.starts_with("host") {
                true => line.replace("trust", "scram-sha-256"),
                false => line.to_owned(),
            });
            std::fs::write(rules_of(&server), lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
            server.restart().await.unwrap();
            server
        })
    })
}

fn rules_of(server: &Throwaway) -> std::path::PathBuf {
    server.instance().directory().join("data/pg_hba.conf")
}

fn rules() -> String {
    std::fs::read_to_string(rules_of(server())).unwrap()
}

fn cluster() -> Cluster {
    server().instance().cluster()
}

/// Logs in by TCP.
async fn login(user: &str, password: &str, database: &str) -> Result<DirectConnection, Error> {
    let mut config = Config::new();
    config.host("127.0.0.1").port(server().instance().port().unwrap());
    config.user(user).password(password).dbname(database).application_name("the app");
    Settings::from(config).connect().await
}

async fn made(name: &str) -> User {
    let user = cluster().user(name);
    user.create(&UserOptions::new().password("top secret")).await.unwrap();
    user
}

/// A database that only those get into who were granted access.
async fn restricted(name: &str) {
    cluster().database(name).create_with(&DatabaseOptions::new().restricted()).await.unwrap();
}

async fn run(sql: &str) {
    run_in("postgres", sql).await;
}

async fn run_in(database: &str, sql: &str) {
    let link = cluster().database(database).connect().await.unwrap();
    link.client.batch_execute(sql).await.unwrap();
}

fn host(text: &str) -> Host {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_user_is_created_found_changed_and_dropped() {
    restricted("films").await;
    restricted("books").await;
    let groucho = cluster().user("groucho");
    let options = UserOptions::new().password("top secret").database("films").host(Host::Any);
    groucho.create(&options).await.unwrap();
    let entry = groucho.entry().await.unwrap();
    assert_eq!((entry.name.as_str(), entry.superuser, &entry.hosts), ("groucho", false, &vec![Host::Any]));
    assert!(entry.databases.contains(&"films".to_owned()) && !entry.databases.contains(&"books".to_owned()));
    assert!(cluster().users().await.unwrap().contains(&entry));

    let link = login("groucho", "top secret", "films").await.unwrap();
    // All that a service needs which brings its own tables.
    link.client.batch_execute("CREATE TABLE film (); CREATE SCHEMA migrate; DROP TABLE film").await.unwrap();
    assert_eq!(login("groucho", "top secret", "books").await.unwrap_err().kind(), ErrorKind::Permission);

    groucho.set_password("it's \"new\" \\ £ö").await.unwrap();
    assert_eq!(login("groucho", "top secret", "films").await.unwrap_err().kind(), ErrorKind::Login);
    login("groucho", "it's \"new\" \\ £ö", "films").await.unwrap();

    groucho.grant("books").await.unwrap();
    assert!(groucho.databases().await.unwrap().contains(&"books".to_owned()));
    login("groucho", "it's \"new\" \\ £ö", "books").await.unwrap();
    groucho.revoke("books").await.unwrap();
    assert!(!groucho.databases().await.unwrap().contains(&"books".to_owned()));
    assert!(login("groucho", "it's \"new\" \\ £ö", "books").await.is_err());
    groucho.revoke("books").await.unwrap();

    groucho.set_superuser(true).await.unwrap();
    assert!(groucho.entry().await.unwrap().superuser);
    login("groucho", "it's \"new\" \\ £ö", "books").await.unwrap();
    groucho.set_superuser(false).await.unwrap();
    assert!(!groucho.entry().await.unwrap().superuser);

    let harpo = groucho.rename("harpo").await.unwrap();
    assert!(!groucho.exists().await.unwrap());
    assert_eq!(harpo.entry().await.unwrap().hosts, [Host::Any]);
    assert!(rules().contains("\"harpo\"") && !rules().contains("\"groucho\""));
    // SCRAM does not know the name.
    login("harpo", "it's \"new\" \\ £ö", "films").await.unwrap();
    drop(link);

    run_in("films", "DROP SCHEMA migrate").await;
    harpo.ending_sessions().drop().await.unwrap();
    assert!(!cluster().user("harpo").exists().await.unwrap());
    assert!(!rules().contains("harpo"));
    assert_eq!(login("harpo", "it's \"new\" \\ £ö", "films").await.unwrap_err().kind(), ErrorKind::Login);
}

#[tokio::test]
async fn no_password_is_in_an_error_a_debug_text_or_the_servers_log() {
    let secret = "s3cr3t-never-shown";
    let user = cluster().user("discreet");
    let options = UserOptions::new().password(secret);
    user.create(&options).await.unwrap();
    let again = user.create(&options).await.unwrap_err();
    user.set_password(&format!("{secret}-2")).await.unwrap();
    let reserved = cluster().user("pg_discreet").create(&options).await.unwrap_err();
    let absent = cluster().user("nobody at all").set_password(secret).await.unwrap_err();
    let wrong = login("discreet", secret, "postgres").await.unwrap_err();
    let mut config = server().config();
    config.password(secret);
    let cluster = Cluster::connect(config).await.unwrap();
    for text in [
        format!("{options:?} {user:?} {cluster:?} {cluster} {:?}", cluster.database("x")),
        format!("{again:?} {reserved} {absent} {wrong}"),
        format!("{:?} {:?}", std::error::Error::source(&reserved), std::error::Error::source(&wrong)),
        std::fs::read_to_string(server().instance().directory().join("server.log")).unwrap(),
    ] {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
    let log = std::fs::read_to_string(server().instance().directory().join("server.log")).unwrap();
    assert!(log.contains("CREATE ROLE \"discreet\" LOGIN PASSWORD 'SCRAM-SHA-256$"));
    assert_eq!((wrong.kind(), reserved.kind()), (ErrorKind::Login, ErrorKind::Name));
    let message = format!("password authentication failed for user `discreet` at `127.0.0.1:{}`", port());
    assert_eq!(wrong.message(), message);
    for password in ["", "a\0b"] {
        assert_eq!(user.set_password(password).await.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

fn port() -> u16 {
    server().instance().port().unwrap()
}

#[tokio::test]
async fn hostile_names_are_names_like_others() {
    let names = [
        "john.doe",
        "o'neil \"the\" größe 🦀",
        "all",
        "+john",
        "@file",
        "/john.*",
        " ",
        "SELECT",
        "a#b,c",
        "back\\",
    ];
    let john = made("john").await;
    for name in names {
        let user = cluster().user(name);
        let options = UserOptions::new().password("top secret").host(host("127.0.0.0/8")).host(host("::1"));
        user.create(&options).await.unwrap();
        login(name, "top secret", "postgres").await.unwrap();
        assert_eq!(user.entry().await.unwrap().hosts, [host("127.0.0.0/8"), host("::1")]);
        user.set_hosts(&[host("10.1.2.3")]).await.unwrap();
        assert_eq!(login(name, "top secret", "postgres").await.unwrap_err().kind(), ErrorKind::Login);
        // Of nobody else.
        login("john", "top secret", "postgres").await.unwrap();
        let renamed = user.rename(&format!("{name}.two")).await.unwrap();
        assert_eq!(renamed.entry().await.unwrap().hosts, [host("10.1.2.3")]);
        assert!(!user.exists().await.unwrap() && john.exists().await.unwrap());
        let again = renamed.rename(name).await.unwrap();
        again.ending_sessions().drop().await.unwrap();
        assert!(!user.exists().await.unwrap() && john.exists().await.unwrap());
    }
    // What pyrax did: it cut the name at the period.
    let doe = made("john.doe").await;
    doe.drop().await.unwrap();
    assert!(john.exists().await.unwrap() && !doe.exists().await.unwrap());
    for name in ["", "a\0b", &"x".repeat(64), &"é".repeat(32)] {
        let user = cluster().user(name);
        let kinds = [
            user.create(&UserOptions::new()).await.unwrap_err().kind(),
            user.entry().await.unwrap_err().kind(),
            user.drop().await.unwrap_err().kind(),
            john.rename(name).await.unwrap_err().kind(),
            john.grant(name).await.unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::Name; 5], "{name}");
    }
    let user = cluster().user("two\nlines");
    user.create(&UserOptions::new()).await.unwrap();
    let message = "user `two\nlines` can't have hosts: `pg_hba.conf` can't contain this name";
    refused(user.set_hosts(&[Host::Any]).await, ErrorKind::Unsupported, message);
    user.drop().await.unwrap();
}

#[tokio::test]
async fn hosts_are_in_force_at_once_and_taken_back() {
    let user = made("hosted").await;
    let other = made("hosted too").await;
    login("hosted", "top secret", "postgres").await.unwrap();
    let session = login("hosted", "top secret", "postgres").await.unwrap();
    for _ in 0..3 {
        user.set_hosts(&[host("192.168.0.0/16"), host("db.example")]).await.unwrap();
        let error = login("hosted", "top secret", "postgres").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        assert!(error.message().contains("pg_hba.conf rejects connection for host \"127.0.0.1\""), "{error}");
        login("hosted too", "top secret", "postgres").await.unwrap();
        user.set_hosts(&[host("127.0.0.1"), host("192.168.0.0/16")]).await.unwrap();
        login("hosted", "top secret", "postgres").await.unwrap();
    }
    session.client.batch_execute("SELECT").await.unwrap();
    user.set_hosts(&[]).await.unwrap();
    other.set_hosts(&[host("10.0.0.0/8")]).await.unwrap();
    login("hosted", "top secret", "postgres").await.unwrap();
    assert!(!rules().contains("\"hosted\""));
    // The rest of the file is as it was, and its owner's alone.
    assert!(rules().contains("\nlocal   all             all                                     trust\n"));
    let file = std::fs::metadata(rules_of(server())).unwrap();
    let cluster_file = std::fs::metadata(server().instance().directory().join("data/PG_VERSION")).unwrap();
    use std::os::unix::fs::MetadataExt;
    assert_eq!((file.mode() & 0o777, file.uid()), (0o600, cluster_file.uid()));
    drop(session);
    // Left behind by a role that was dropped by hand, it does not bind the next one of the name.
    run("DROP ROLE \"hosted too\"").await;
    let other = made("hosted too").await;
    login("hosted too", "top secret", "postgres").await.unwrap();
    made("left").await.set_hosts(&[host("10.0.0.0/8")]).await.unwrap();
    run("DROP ROLE \"left\"").await;
    other.rename("left").await.unwrap();
    login("left", "top secret", "postgres").await.unwrap();
}

#[tokio::test]
async fn rules_that_the_server_does_not_understand_are_taken_back() {
    let mut server = Throwaway::start_with(&installation(), Profile::throwaway().port(0)).await.unwrap();
    let user = server.instance().user("ann");
    user.create(&UserOptions::new().host(host("10.0.0.0/8"))).await.unwrap();
    let path = rules_of(&server);
    let before = std::fs::read_to_string(&path).unwrap();
    let broken = format!("{before}host all all nonsense/99 trust\n");
    std::fs::write(&path, &broken).unwrap();
    let message = "the server finds errors in `pg_hba.conf`, which is unchanged";
    let error = refused(user.set_hosts(&[Host::Any]).await, ErrorKind::Format, message);
    assert!(error.to_string().contains("invalid"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    // What is in force still is what was understood.
    let tcp = |user: &str| {
        let mut config = Config::new();
        config.host("127.0.0.1").port(server.instance().port().unwrap()).user(user).dbname("postgres");
        Settings::from(config)
    };
    tcp("postgres").connect().await.unwrap();
    assert_eq!(tcp("ann").connect().await.unwrap_err().kind(), ErrorKind::Login);

    std::fs::write(&path, before.replace("reject", "reject\nhost all bob all trust")).unwrap();
    let edited = "the block that `migrate` keeps in `pg_hba.conf` was edited";
    refused(user.set_hosts(&[Host::Any]).await, ErrorKind::Format, edited);
    refused(user.entry().await, ErrorKind::Format, edited);

    std::fs::write(&path, &before).unwrap();
    // A crash's leavings are in nobody's way.
    std::fs::write(path.with_file_name("pg_hba.conf.new"), "half").unwrap();
    user.set_hosts(&[Host::Any]).await.unwrap();
    assert!(!path.with_file_name("pg_hba.conf.new").exists());
    server.restart().await.unwrap();
    assert_eq!(server.instance().user("ann").entry().await.unwrap().hosts, [Host::Any]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_lose_no_rule() {
    let tasks: Vec<_> = (0..12)
        .map(|number| {
            tokio::spawn(async move {
                let user = cluster().user(format!("one of many {number}"));
                user.create(&UserOptions::new().host(host(&format!("10.0.0.{number}")))).await.unwrap();
                user
            })
        })
        .collect();
    let mut users = Vec::new();
    for task in tasks {
        users.push(task.await.unwrap());
    }
    for (number, user) in users.iter().enumerate() {
        assert_eq!(user.entry().await.unwrap().hosts, [host(&format!("10.0.0.{number}"))]);
    }
    let tasks: Vec<_> =
        users.into_iter().map(|user| tokio::spawn(async move { user.drop().await })).collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(!rules().contains("one of many"));
}

#[tokio::test]
async fn a_user_who_is_there_is_not_made_again_and_one_who_is_not_is_not_dropped() {
    let there = made("there").await;
    run("CREATE ROLE \"a group\"").await;
    refused(there.create(&UserOptions::new()).await, ErrorKind::Exists, "user `there` exists already");
    refused(there.rename("a group").await, ErrorKind::Exists, "user `a group` exists already");
    let group = cluster().user("a group");
    refused(group.create(&UserOptions::new()).await, ErrorKind::Exists, "user `a group` exists already");
    let error = refused(group.drop().await, ErrorKind::NotFound, "user `a group` does not exist");
    assert_eq!(error.notes(), ["there is a role of that name, but it can't log in"]);

    let absent = cluster().user("absent");
    let missing = "user `absent` does not exist";
    refused(absent.entry().await, ErrorKind::NotFound, missing);
    refused(absent.drop().await, ErrorKind::NotFound, missing);
    refused(absent.drop_reassigning("there").await, ErrorKind::NotFound, missing);
    refused(absent.rename("x").await, ErrorKind::NotFound, missing);
    refused(absent.set_password("x").await, ErrorKind::NotFound, missing);
    refused(absent.set_superuser(true).await, ErrorKind::NotFound, missing);
    refused(absent.set_hosts(&[Host::Any]).await, ErrorKind::NotFound, missing);
    refused(absent.grant("postgres").await, ErrorKind::NotFound, missing);
    refused(absent.revoke("postgres").await, ErrorKind::NotFound, missing);
    refused(there.drop_reassigning("nobody").await, ErrorKind::NotFound, "role `nobody` does not exist");
    refused(
        there.drop_reassigning("there").await,
        ErrorKind::Unsupported,
        "user `there` can't be its own heir",
    );
    assert_eq!(there.grant("no such").await.unwrap_err().kind(), ErrorKind::NotFound);
    for name in ["pg_mine", "public", "none"] {
        assert_eq!(
            cluster().user(name).create(&UserOptions::new()).await.unwrap_err().kind(),
            ErrorKind::Name,
            "{name}"
        );
    }
    let own = cluster().user("postgres");
    refused(
        own.drop().await,
        ErrorKind::InUse,
        "can't drop user `postgres`: it is the user of this connection",
    );
    assert_eq!(own.rename("x").await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_user_is_created_whole_or_not_at_all() {
    let user = cluster().user("half");
    let options = UserOptions::new().host(Host::Any).database("postgres").database("no such database");
    refused(user.create(&options).await, ErrorKind::NotFound, "database `no such database` does not exist");
    assert!(!user.exists().await.unwrap() && !rules().contains("\"half\""));
    // There, and nobody can connect to it.
    run("CREATE DATABASE closed ALLOW_CONNECTIONS false").await;
    let options = UserOptions::new().host(Host::Any).database("postgres").database("closed");
    user.create(&options).await.unwrap_err();
    assert!(!user.exists().await.unwrap() && !rules().contains("\"half\""));
    let reserved = cluster().user("pg_half");
    reserved.create(&UserOptions::new().host(Host::Any)).await.unwrap_err();
    assert!(!rules().contains("\"pg_half\""));
}

#[tokio::test]
async fn what_a_user_owns_is_named_and_can_be_given_to_another() {
    restricted("estate").await;
    let user = cluster().user("testator");
    user.create(&UserOptions::new().password("top secret").database("estate")).await.unwrap();
    made("heir").await;
    let link = login("testator", "top secret", "estate").await.unwrap();
    let owned = "CREATE TABLE land (id int); CREATE VIEW map AS SELECT * FROM land; CREATE SCHEMA \"a.b\"; \
                 ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; INSERT INTO land VALUES (7)";
    link.client.batch_execute(owned).await.unwrap();
    run("CREATE DATABASE farm OWNER testator").await;
    let error =
        refused(user.drop().await, ErrorKind::InUse, "can't drop user `testator`: the user is connected");
    assert!(error.notes()[0].contains("(`the app`, role `testator`), idle since"), "{error}");
    drop(link);
    let ending = user.clone().ending_sessions();
    let error =
        refused(ending.drop().await, ErrorKind::InUse, "can't drop user `testator`, who owns something");
    assert_eq!(
        error.notes(),
        ["database farm", "in database `estate`: schema a.b, table public.land, view public.map"],
        "{error}"
    );
    assert!(user.exists().await.unwrap());
    login("testator", "top secret", "estate").await.unwrap();

    ending.drop_reassigning("heir").await.unwrap();
    assert!(!user.exists().await.unwrap());
    assert_eq!(cluster().database("farm").entry().await.unwrap().owner, "heir");
    let link = cluster().database("estate").connect().await.unwrap();
    let query = "SELECT string_agg(relname || ' ' || pg_get_userbyid(relowner), ', ' ORDER BY relname) \
                 FROM pg_class WHERE relname IN ('land', 'map')";
    let row = link.client.query_one(query, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "land heir, map heir");
    let row = link.client.query_one("SELECT id FROM land", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 7);
}

#[tokio::test]
async fn a_right_that_everybody_has_is_not_revoked_from_one() {
    let user = made("anybody").await;
    cluster().database("open").create().await.unwrap();
    user.grant("open").await.unwrap();
    let said = |why: &str| format!("user `anybody` could still connect to `open`: {why}");
    refused(user.revoke("open").await, ErrorKind::Unsupported, &said("everybody can"));
    cluster().database("open").restrict().await.unwrap();
    login("anybody", "top secret", "open").await.unwrap();
    user.set_superuser(true).await.unwrap();
    refused(user.revoke("open").await, ErrorKind::Unsupported, &said("a superuser can always"));
    user.set_superuser(false).await.unwrap();
    run("ALTER DATABASE open OWNER TO anybody").await;
    refused(user.revoke("open").await, ErrorKind::Unsupported, &said("it belongs to `anybody`"));
    run("ALTER DATABASE open OWNER TO postgres; CREATE ROLE members; GRANT members TO anybody; \
         GRANT CONNECT ON DATABASE open TO members")
    .await;
    let other = said("another role gave the right, or has it");
    refused(user.revoke("open").await, ErrorKind::Unsupported, &other);
    run("REVOKE members FROM anybody").await;
    user.revoke("open").await.unwrap();
    assert!(login("anybody", "top secret", "open").await.is_err());
}

#[tokio::test]
async fn a_password_that_would_be_lost_by_another_name_is_not() {
    run("SET password_encryption = 'md5'; CREATE ROLE \"old fashioned\" LOGIN PASSWORD 'x'").await;
    let user = cluster().user("old fashioned");
    refused(
        user.rename("new").await,
        ErrorKind::Unsupported,
        "can't rename user `old fashioned`: PostgreSQL would delete its password, which is stored as MD5",
    );
    user.set_password("top secret").await.unwrap();
    user.rename("new fashioned").await.unwrap();
    login("new fashioned", "top secret", "postgres").await.unwrap();
}

#[tokio::test]
async fn what_a_role_may_not_do_is_said() {
    made("mere").await;
    let victim = made("victim").await;
    let mut config = server().config();
    config.user("mere");
    let mere = Cluster::connect(config).await.unwrap();
    let kind = |result: Result<(), Error>| result.unwrap_err().kind();
    let user = mere.user("victim");
    assert_eq!(kind(mere.user("other").create(&UserOptions::new()).await), ErrorKind::Permission);
    assert_eq!(kind(user.set_password("x").await), ErrorKind::Permission);
    assert_eq!(kind(user.set_superuser(true).await), ErrorKind::Permission);
    assert_eq!(kind(user.rename("x").await.map(drop)), ErrorKind::Permission);
    assert_eq!(kind(user.drop().await), ErrorKind::Permission);
    refused(
        user.set_hosts(&[Host::Any]).await,
        ErrorKind::Unsupported,
        "can't set the hosts of users on this server",
    );
    assert!(mere.users().await.unwrap().iter().any(|entry| entry.name == "victim"));
    victim.drop().await.unwrap();
}

#[tokio::test]
async fn a_role_that_may_create_roles_needs_no_superuser() {
    run("CREATE ROLE registrar LOGIN CREATEROLE CREATEDB").await;
    let mut config = server().config();
    config.user("registrar");
    let cluster = Cluster::connect(config).await.unwrap();
    cluster.database("registry").create_with(&DatabaseOptions::new().restricted()).await.unwrap();
    let user = cluster.user("registered");
    user.create(&UserOptions::new().password("top secret").database("registry")).await.unwrap();
    login("registered", "top secret", "registry").await.unwrap();
    user.set_password("new").await.unwrap();
    let user = user.rename("registered.two").await.unwrap();
    login("registered.two", "new", "registry").await.unwrap();
    user.revoke("registry").await.unwrap();
    user.ending_sessions().drop().await.unwrap();
}

#[tokio::test]
async fn a_user_can_lead_to_a_cluster_of_its_own_password() {
    made("leader").await;
    let url = format!("postgresql://leader:wrong%20one@127.0.0.1:{}/postgres", port());
    let error = Cluster::connect(Settings::parse(&url, &|_| None).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(!format!("{error} {error:?}").contains("wrong one"));
    let url = url.replace("wrong%20one", "top%20secret");
    let cluster = Cluster::connect(Settings::parse(&url, &|_| None).unwrap()).await.unwrap();
    assert_eq!(cluster.to_string(), format!("leader@127.0.0.1:{}", port()));
    assert!(cluster.user("leader").exists().await.unwrap());
}

#[tokio::test]
async fn the_last_superuser_can_not_take_the_right_from_itself() {
    let profile = Profile::throwaway().port(0);
    let server = Throwaway::start_with(&installation(), profile).await.unwrap();
    let cluster = server.instance().cluster();
    let options = UserOptions::new().password("secret");
    let last = async |name: &str, cluster: &Cluster| {
        let error = refused(
            cluster.user(name).set_superuser(false).await,
            ErrorKind::InUse,
            &format!("can't change user `{name}`: nobody else is a superuser who can log in"),
        );
        let help = "help: make another user a superuser first (`cargo migrate user superuser`)";
        assert!(error.to_string().ends_with(help), "{error}");
    };
    last("postgres", &cluster).await;
    // One who can't log in, or who may not do everything, is no other one.
    let client = server.instance().client().await.unwrap();
    client.batch_execute("CREATE ROLE sleeping SUPERUSER").await.unwrap();
    cluster.user("mere").create(&options).await.unwrap();
    last("postgres", &cluster).await;

    // The superuser by whom the instance is managed keeps the right, and its name.
    let mut others = Vec::new();
    for name in ["ann", "bob"] {
        cluster.user(name).create(&options).await.unwrap();
        cluster.user(name).set_superuser(true).await.unwrap();
        let mut config = Config::new();
        config.host("127.0.0.1").port(server.instance().port().unwrap()).user(name).password("secret");
        others.push(Cluster::connect(Settings::from(config.dbname("postgres").clone())).await.unwrap());
    }
    let managed = "the instance is managed as this superuser";
    let manager = others[0].user("postgres");
    let clause = format!("can't change user `postgres`: {managed}");
    refused(manager.set_superuser(false).await, ErrorKind::Unsupported, &clause);
    let clause = format!("can't rename user `postgres`: {managed}");
    refused(manager.rename("boss").await.map(drop), ErrorKind::Unsupported, &clause);

    // Two who take it from each other at once leave one.
    client.batch_execute("ALTER ROLE postgres NOLOGIN").await.unwrap();
    let (ann, bob) = (others[0].user("bob"), others[1].user("ann"));
    let (one, two) = tokio::join!(ann.set_superuser(false), bob.set_superuser(false));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1, "{one:?} {two:?}");
}
