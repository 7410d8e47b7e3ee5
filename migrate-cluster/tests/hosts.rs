//! Where users may connect from: the limits hold while others change users, for replication, and from other machines.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::net::{IpAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use embed_migrate_cluster::{
    Cluster, Error, ErrorKind, Flavor, Host, Instances, ListenAddress, NamedInstance, NewInstance, Profile,
    Settings, Throwaway, User, UserOptions,
};
use support::{Scratch, ask, installation, kept, port, refused};

/// A server that can be copied by replication.
fn server() -> &'static Throwaway {
    static SERVER: OnceLock<Throwaway> = OnceLock::new();
    SERVER.get_or_init(|| {
        kept(async {
            let profile =
                Profile::throwaway().port(0).setting("wal_level", "replica").setting("max_wal_senders", "8");
            Throwaway::start_with(&installation(), profile).await.unwrap()
        })
    })
}

fn cluster() -> Cluster {
    server().instance().cluster()
}

fn host(text: &str) -> Host {
    text.parse().unwrap()
}

fn from(text: &str) -> UserOptions {
    UserOptions::new().password("top secret").host(host(text))
}

async fn hosts(user: &User) -> Vec<Host> {
    user.entry().await.unwrap().hosts
}

/// Does several things at once; gives what came of each.
async fn at_once<T: Send + 'static>(
    things: impl IntoIterator<Item = impl Future<Output = Result<T, Error>> + Send + 'static>,
) -> Vec<Result<T, Error>> {
    let tasks: Vec<_> = things.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loser_of_two_creations_leaves_the_winners_hosts() {
    for _ in 0..12 {
        let racers = (1..5).map(|number| async move {
            let options = from(&format!("10.0.0.{number}"));
            cluster().user("racer").create(&options).await.map(|()| number)
        });
        let mut winners = Vec::new();
        for created in at_once(racers).await {
            match created {
                Ok(number) => winners.push(number),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Exists, "{error}"),
            }
        }
        let [winner] = winners.as_slice() else { unreachable!("one winner, not {winners:?}") };
        let user = cluster().user("racer");
        assert_eq!(hosts(&user).await, [host(&format!("10.0.0.{winner}"))]);
        user.drop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_take_one_name_keep_their_hosts() {
    for _ in 0..8 {
        for (name, place) in [("chico", "10.1.0.1"), ("zeppo", "10.1.0.2")] {
            cluster().user(name).create(&from(place)).await.unwrap();
        }
        let renamed =
            |name: &'static str| async move { cluster().user(name).rename("gummo").await.map(drop) };
        let (one, other, created) = tokio::join!(
            tokio::spawn(renamed("chico")),
            tokio::spawn(renamed("zeppo")),
            tokio::spawn(async { cluster().user("gummo").create(&from("10.1.0.3")).await })
        );
        let done = [one.unwrap(), other.unwrap(), created.unwrap()];
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        let expected = done.iter().position(Result::is_ok).unwrap() + 1;
        assert_eq!(hosts(&cluster().user("gummo")).await, [host(&format!("10.1.0.{expected}"))]);
        for (name, place) in [("chico", "10.1.0.1"), ("zeppo", "10.1.0.2"), ("gummo", "")] {
            let user = cluster().user(name);
            if user.exists().await.unwrap() {
                assert!(place.is_empty() || hosts(&user).await == [host(place)], "{name}");
                user.drop().await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_drops_a_user_leaves_the_hosts_of_the_next_one() {
    let user = || cluster().user("phoenix");
    for _ in 0..8 {
        user().create(&from("10.2.0.1")).await.unwrap();
        let dropping = tokio::spawn(async move { user().drop().await });
        let making = tokio::spawn(async move { while user().create(&from("10.2.0.2")).await.is_err() {} });
        dropping.await.unwrap().unwrap();
        making.await.unwrap();
        assert_eq!(hosts(&user()).await, [host("10.2.0.2")]);
        user().drop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_limits_a_user_that_is_renamed_limits_it_or_gets_an_error() {
    for _ in 0..8 {
        cluster().user("before").create(&from("10.3.0.1")).await.unwrap();
        let limit = tokio::spawn(async { cluster().user("before").set_hosts(&[host("10.3.0.2")]).await });
        let rename = tokio::spawn(async { cluster().user("before").rename("after").await });
        let (limited, renamed) = (limit.await.unwrap(), rename.await.unwrap().unwrap());
        let expected = match limited {
            Ok(()) => "10.3.0.2",
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
                "10.3.0.1"
            }
        };
        assert_eq!(hosts(&renamed).await, [host(expected)]);
        let text = std::fs::read_to_string(server().instance().directory().join("data/pg_hba.conf")).unwrap();
        assert!(!text.contains("\"before\""), "{text}");
        renamed.drop().await.unwrap();
    }
}

/// Copies a whole server by replication.
fn copy(user: &str, port: u16, to: &Path) -> Output {
    let mut program = Command::new(installation().program("pg_basebackup").unwrap());
    program.args(["--host=127.0.0.1", "--no-password", "--checkpoint=fast", "--wal-method=none"]);
    program.arg(format!("--port={port}")).arg(format!("--username={user}")).arg("--pgdata").arg(to);
    program.env("PGPASSWORD", "top secret").env("LC_ALL", "C").output().unwrap()
}

#[tokio::test]
async fn a_limited_user_copies_no_cluster_from_elsewhere() {
    let port = server().instance().port().unwrap();
    for name in
        ["copier", "all", "replication", "+copiers", "sameuser", "/copier", "two words", "a,b", "\"q\""]
    {
        let scratch = Scratch::new("copied");
        let user = cluster().user(name);
        user.create(&from("10.0.0.0/8").superuser()).await.unwrap();
        let ran = copy(name, port, &scratch);
        let said = String::from_utf8(ran.stderr).unwrap();
        let reason = "pg_hba.conf rejects replication connection for host \"127.0.0.1\"";
        assert!(!ran.status.success() && said.contains(reason), "{name}: {said}");
        user.set_hosts(&[host("127.0.0.1")]).await.unwrap();
        let ran = copy(name, port, &scratch);
        assert!(ran.status.success(), "{name}: {}", String::from_utf8(ran.stderr).unwrap());
        // The server's process for it may be there a moment longer than the program.
        let connected =
            format!("SELECT count(*)::text FROM pg_stat_activity WHERE usename = $name${name}$name$");
        let end = Instant::now() + Duration::from_secs(30);
        while ask(&server().config(), &connected).await != "0" {
            assert!(Instant::now() < end, "{name} is connected for ever");
        }
        user.drop().await.unwrap();
    }
}

fn instances(directory: &Scratch) -> Instances {
    Instances::open(&installation(), directory).unwrap()
}

fn small(name: &str) -> NewInstance {
    NewInstance::new(name, Flavor::smallest(), 1).port(port())
}

fn listens(text: &str) -> ListenAddress {
    text.parse().unwrap()
}

fn rules(named: &NamedInstance) -> String {
    std::fs::read_to_string(named.directory().join("data/pg_hba.conf")).unwrap()
}

async fn setting(named: &NamedInstance, name: &str) -> String {
    let client = named.attach().await.unwrap().connect("postgres").await.unwrap();
    let row = client.query_one("SELECT current_setting($1)", &[&name]).await.unwrap();
    row.get(0)
}

/// The address that other machines reach this one by, or its loopback if it has no other.
fn own() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let found = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    found.map_or("127.0.0.1".parse().unwrap(), |address| address.ip())
}

async fn login(named: &NamedInstance, address: IpAddr, parameters: &str) -> Result<String, Error> {
    let (port, root) = (named.port(), named.directory().join("root.crt"));
    let url = format!(
        "postgresql://ann:top%20secret@{address}:{port}/postgres?{parameters}&sslrootcert={}",
        root.display()
    );
    let link = Settings::parse(&url, &|_| None).unwrap().connect().await?;
    let query = "SELECT coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()), 'plain')";
    Ok(link.client.query_one(query, &[]).await.unwrap().get(0))
}

#[tokio::test]
async fn other_machines_reach_an_open_instance_encrypted_only() {
    let directory = Scratch::new("open");
    let demo = instances(&directory).create(&small("demo").listen([listens("0.0.0.0")])).await.unwrap();
    assert_eq!(setting(&demo, "listen_addresses").await, "0.0.0.0");
    let user = demo.attach().await.unwrap().user("ann");
    user.create(&from("any")).await.unwrap();
    let (loopback, own) = ("127.0.0.1".parse().unwrap(), own());
    assert_eq!(login(&demo, loopback, "sslmode=disable").await.unwrap(), "plain");
    for address in [loopback, own] {
        let version = login(&demo, address, "sslmode=verify-full").await.unwrap();
        assert!(version.starts_with("TLSv1."), "{version}");
    }
    if own != loopback {
        assert_eq!(login(&demo, own, "sslmode=disable").await.unwrap_err().kind(), ErrorKind::Login);
    }
    user.set_hosts(&[host("10.255.0.0/16")]).await.unwrap();
    for parameters in ["sslmode=disable", "sslmode=require"] {
        assert_eq!(login(&demo, loopback, parameters).await.unwrap_err().kind(), ErrorKind::Login);
    }
    assert!(
        rules(&demo).contains("\nhostssl all,replication \"ann\" 10.255.0.0/16 scram-sha-256\n"),
        "{}",
        rules(&demo)
    );

    // libpq believes the authority too.
    user.set_hosts(&[Host::Any]).await.unwrap();
    let mut psql = Command::new(installation().program("psql").unwrap());
    let root = demo.certificate().unwrap();
    psql.arg(format!(
        "host={own} port={} user=ann dbname=postgres sslmode=verify-full sslrootcert={}",
        demo.port(),
        root.display()
    ));
    psql.args(["-Atc", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"])
        .env("PGPASSWORD", "top secret");
    let ran = psql.output().unwrap();
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "t\n", "{}", String::from_utf8(ran.stderr).unwrap());

    // The authority stays when the server is called otherwise, and who trusts it goes on.
    let before = std::fs::read(&root).unwrap();
    let certificate = || std::fs::read_to_string(demo.directory().join("server.crt")).unwrap();
    let first = certificate();
    demo.listen(&[listens("127.0.0.1"), listens("127.0.0.2")]).await.unwrap();
    assert_eq!(setting(&demo, "ssl").await, "off");
    assert!(!rules(&demo).contains("\nhostssl "), "{}", rules(&demo));
    assert_eq!(login(&demo, loopback, "sslmode=disable").await.unwrap(), "plain");
    demo.listen(&[listens("127.0.0.1"), ListenAddress::At(own)]).await.unwrap();
    demo.listen(&[listens("*")]).await.unwrap();
    assert_eq!(std::fs::read(&root).unwrap(), before);
    assert_ne!(certificate(), first);
    assert!(login(&demo, loopback, "sslmode=verify-full").await.unwrap().starts_with("TLSv1."));

    // A certificate of somebody's own is left alone.
    let own_text = certificate().replace("# made by migrate", "# mine");
    std::fs::write(demo.directory().join("server.crt"), &own_text).unwrap();
    demo.listen(&[listens("0.0.0.0")]).await.unwrap();
    assert_eq!(certificate(), own_text);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn addresses_are_kept_changed_and_refused() {
    let directory = Scratch::new("listen");
    let instances = instances(&directory);
    let demo = instances.create(&small("demo")).await.unwrap();
    assert_eq!((demo.addresses(), demo.certificate()), ([listens("127.0.0.1")].as_slice(), None));
    assert_eq!(
        (setting(&demo, "listen_addresses").await, setting(&demo, "ssl").await),
        ("127.0.0.1".into(), "off".into())
    );
    // An address of the documentation's, which no machine has.
    let message = "this machine does not have the address 192.0.2.7";
    refused(demo.listen(&[listens("127.0.0.1"), listens("192.0.2.7")]).await, ErrorKind::Value, message);
    let new = small("other").listen([listens("192.0.2.7")]);
    refused(instances.create(&new).await, ErrorKind::Value, message);
    refused(demo.listen(&[]).await, ErrorKind::Value, "an instance listens on at least one address");
    // If another program listens already, all stays as it is.
    let other = std::net::TcpListener::bind(("127.0.0.2", demo.port())).unwrap();
    let error = demo.listen(&[listens("127.0.0.1"), listens("127.0.0.2")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
    assert!(error.to_string().contains("it listens on 127.0.0.1 again, and runs"), "{error}");
    drop(other);
    demo.listen(&[listens("127.0.0.1"), listens("127.0.0.2"), listens("127.0.0.1")]).await.unwrap();
    assert_eq!(setting(&demo, "listen_addresses").await, "127.0.0.1,127.0.0.2");
    demo.restart().await.unwrap();
    demo.resize("1GB".parse().unwrap()).await.unwrap();
    assert_eq!(setting(&demo, "listen_addresses").await, "127.0.0.1,127.0.0.2");
    assert_eq!(instances.get("demo").unwrap().addresses(), [listens("127.0.0.1"), listens("127.0.0.2")]);
    demo.stop().await.unwrap();
    demo.listen(&[listens("127.0.0.1")]).await.unwrap();
    demo.start().await.unwrap();
    assert_eq!(setting(&demo, "listen_addresses").await, "127.0.0.1");
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_start_brings_an_older_releases_rules_up_to_date() {
    let directory = Scratch::new("older");
    let demo = instances(&directory).create(&small("demo")).await.unwrap();
    demo.attach().await.unwrap().user("ann").create(&from("10.0.0.0/8")).await.unwrap();
    demo.stop().await.unwrap();
    let path = demo.directory().join("data/pg_hba.conf");
    let now = rules(&demo);
    std::fs::write(&path, now.replace("all,replication", "all")).unwrap();
    demo.start().await.unwrap();
    assert_eq!(rules(&demo), now);
    // One that somebody edited is left alone.
    let edited = now.replace("10.0.0.0/8 scram-sha-256", "10.0.0.0/8 trust");
    std::fs::write(&path, &edited).unwrap();
    demo.restart().await.unwrap();
    assert_eq!(rules(&demo), edited);
    demo.delete().await.unwrap();
}

/// What the server has read of the rules.
async fn in_force(named: &NamedInstance) -> String {
    let client = named.attach().await.unwrap().client().await.unwrap();
    let query = "SELECT string_agg(of::text, ' ') FROM pg_hba_file_rules, unnest(user_name) AS of";
    client.query_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_line_that_the_server_can_not_read_is_reported_before_a_rule_is_written() {
    let directory = Scratch::new("unreadable");
    let demo = instances(&directory).create(&small("demo")).await.unwrap();
    let user = demo.attach().await.unwrap().user("ann");
    user.create(&from("10.0.0.0/8")).await.unwrap();
    let (before, path) = (rules(&demo), demo.directory().join("data/postgresql.conf"));
    let settings = std::fs::read_to_string(&path).unwrap();
    let clause = "the server can't reload its settings, nor `pg_hba.conf`: nothing is changed";
    for (line, fault) in [
        ("work_mem 12 =", "syntax error"),
        ("no_such_setting = 1", "unrecognized configuration parameter \"no_such_setting\""),
    ] {
        std::fs::write(&path, format!("{settings}{line}\n")).unwrap();
        let number = settings.lines().count() + 1;
        let messages = format!(
            "{clause}\n  --> {path}\n  note: {path}, line {number}: {fault}\n  \
               help: correct or remove these lines, and try again",
            path = path.display()
        );
        let other = demo.attach().await.unwrap().user("bob");
        for done in [
            other.create(&from("10.0.0.0/8")).await,
            user.set_hosts(&[]).await,
            user.rename("bob").await.map(drop),
            user.drop().await,
        ] {
            let error = done.unwrap_err();
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::Format, messages.clone()));
        }
        // Nor is it stopped, for it would not start again.
        let process = demo.attach().await.unwrap().process_id();
        let runs_on = messages.replace(
            clause,
            "the server can't read its settings and could not start again: it was not stopped",
        );
        for done in [
            demo.restart().await,
            demo.resize("1GB".parse().unwrap()).await,
            demo.set_port(None).await,
            demo.listen(&[listens("127.0.0.2")]).await,
        ] {
            assert_eq!(done.unwrap_err().to_string(), runs_on);
        }
        assert_eq!(demo.attach().await.unwrap().process_id(), process);
        assert_eq!(rules(&demo), before);
        assert!(!other.exists().await.unwrap() && user.exists().await.unwrap());
        // A user without hosts needs no rules.
        other.create(&UserOptions::new()).await.unwrap();
        other.rename("chico").await.unwrap().drop().await.unwrap();
    }
    // A setting that waits for a restart, or has a wrong value, keeps nothing from being read.
    std::fs::write(&path, format!("{settings}shared_buffers = 9MB\nwork_mem = much\n")).unwrap();
    user.set_hosts(&[host("10.0.0.1")]).await.unwrap();
    std::fs::write(&path, &settings).unwrap();
    // Somebody's own line in the file itself.
    let rules_path = demo.directory().join("data/pg_hba.conf");
    let before = rules(&demo) + "host all all 10.0.0.0/99 trust\n";
    std::fs::write(&rules_path, &before).unwrap();
    let error = user.set_hosts(&[host("10.0.0.2")]).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::Format,
            format!(
                "the server finds errors in `pg_hba.conf`, which is unchanged\n  --> {}\n  \
                   note: line {}: invalid CIDR mask in address \"10.0.0.0/99\"\n  \
                   help: correct or remove these lines, and try again",
                rules_path.display(),
                before.lines().count()
            )
        )
    );
    assert_eq!(rules(&demo), before);
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn rules_that_do_not_come_into_force_are_taken_back() {
    let directory = Scratch::new("crowded-rules");
    let demo = instances(&directory).create(&small("demo")).await.unwrap();
    let instance = demo.attach().await.unwrap();
    instance.user("ann").create(&from("10.0.0.0/8")).await.unwrap();
    let mut held = Vec::new();
    while let Ok(client) = instance.client().await {
        held.push(client);
    }
    let first = held.remove(0);
    // Two are left: one to ask by, and one to write by. None to see whether the server has read what was written.
    held.truncate(held.len() - 2);
    let query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    // Who closes a connection does not wait until the server has.
    let settled = async || {
        while first.query_one(query, &[]).await.unwrap().get::<_, i64>(0) > held.len() as i64 + 1 {}
    };
    let before = rules(&demo);
    for verb in ["create", "rename", "limit"] {
        settled().await;
        let error = match verb {
            "create" => instance.user("bob").create(&from("10.0.0.0/8")).await,
            "rename" => instance.user("ann").rename("bob").await.map(drop),
            _ => instance.user("ann").set_hosts(&[host("10.0.0.1")]).await,
        }
        .unwrap_err();
        assert!(error.to_string().contains("too many clients already"), "{verb}: {error}");
        assert!(error.notes().contains(&"`pg_hba.conf` is unchanged".to_owned()), "{verb}: {error}");
        assert_eq!(rules(&demo), before, "{verb}");
    }
    drop((held, first));
    let read = async || in_force(&demo).await;
    assert!(!read().await.contains("bob"));
    assert!(!instance.user("bob").exists().await.unwrap());
    instance.user("ann").rename("bob").await.unwrap();
    demo.delete().await.unwrap();
}

#[tokio::test]
async fn a_file_of_rules_that_is_not_utf8_stops_no_start_and_is_named() {
    let directory = Scratch::new("latin");
    let demo = instances(&directory).create(&small("demo")).await.unwrap();
    demo.stop().await.unwrap();
    let path = demo.directory().join("data/pg_hba.conf");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(b"# f\xfcr alle\n");
    std::fs::write(&path, &bytes).unwrap();
    demo.start().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let error = demo.attach().await.unwrap().user("ann").create(&from("10.0.0.0/8")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the file is not UTF-8: no rules can be written into it\n  --> {}\n  \
               note: line {} is not valid UTF-8\n  help: write that line in UTF-8",
            path.display(),
            String::from_utf8_lossy(&bytes).lines().count()
        )
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    demo.delete().await.unwrap();
}
