//! What other users of the machine, and of a server, can't see, change or block.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use embed_migrate_cluster::{
    Dump, ErrorKind, Flavor, Instances, NamedInstance, NewBackup, NewInstance, Restore, Settings, Throwaway,
    UserOptions,
};
use support::{Holder, Scratch, children, eventually, example, installation, parent, port};

/// The numbers of the user `nobody`, who is no server's.
const NOBODY: u32 = 65_534;

/// What the programs that we start may have of our environment, and what PostgreSQL and the shell add.
const KNOWN: [&str; 10] = [
    "HOME",
    "LD_LIBRARY_PATH",
    "OLDPWD",
    "PATH",
    "PGLOCALEDIR",
    "PGSYSCONFDIR",
    "PWD",
    "TMPDIR",
    "TZ",
    "TZDIR",
];

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || name.starts_with("LC_")
}

fn variables(environment: &str, end: char) -> Vec<String> {
    let lines = environment.split(end).filter(|line| !line.is_empty());
    lines.map(|line| line.split_once('=').unwrap_or((line, "")).0.to_owned()).collect()
}

/// Checks the environment of a process, and says whether it was still there: the server's short workers end at any time.
fn check_environment(process: u32, besides: &[&str]) -> bool {
    let environment = match fs::read(format!("/proc/{process}/environ")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
        environment => environment.unwrap(),
    };
    let names = variables(&String::from_utf8(environment).unwrap(), '\0');
    let odd = |name: &&String| !is_known(name) && !besides.contains(&name.as_str());
    let odd: Vec<&String> = names.iter().filter(odd).collect();
    assert!(odd.is_empty(), "process {process} has {odd:?}");
    true
}

/// Checks the environments of a server's processes, of which it has several all the time.
fn check_environments(server: u32) {
    let checked = processes(server).into_iter().filter(|process| check_environment(*process, &[])).count();
    assert!(checked > 3, "{checked} processes were found");
}

fn with_secrets(command: &mut Command) -> &mut Command {
    let secrets =
        ["DATABASE_URL", "PGPASSWORD", "PGOPTIONS", "NEW_PASSWORD", "AWS_SECRET_ACCESS_KEY", "NOTIFY_SOCKET"];
    command.envs(secrets.map(|name| (name, "s3cr3t"))).env("LD_LIBRARY_PATH", "/usr/lib")
}

/// The server's process, its children, its guard, and the guard's other children.
fn processes(server: u32) -> Vec<u32> {
    let guard = parent(server).unwrap();
    let mut all = children(server);
    all.extend(children(guard));
    all.push(guard);
    all
}

fn server(directory: &Path) -> u32 {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_server_and_its_guard_know_nothing_of_our_environment() {
    let directory = Scratch::new("environment");
    let state = directory.to_str().unwrap();
    let ran = with_secrets(&mut example("instances")).args(["create", state, "demo"]).status().unwrap();
    assert!(ran.success());
    let demo = Instances::open(&installation(), &directory).unwrap().get("demo").unwrap();
    check_environments(server(demo.directory()));
    let client = demo.attach().await.unwrap().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE seen (line text); COPY seen FROM PROGRAM 'env'").await.unwrap();
    let row = client.query_one("SELECT string_agg(line, E'\\n') FROM seen", &[]).await.unwrap();
    let seen: String = row.get(0);
    let names: Vec<String> = variables(&seen, '\n').into_iter().filter(|name| !is_known(name)).collect();
    assert!(names.is_empty() && seen.contains("LD_LIBRARY_PATH=/usr/lib"), "{seen}");
    drop(client);
    demo.delete().await.unwrap();

    let process =
        with_secrets(&mut example("hold")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut throwaway = Holder::of(process);
    check_environments(throwaway.server);
    throwaway.finish();
}

#[tokio::test]
async fn a_program_that_dumps_knows_only_how_to_connect() {
    let directory = Scratch::new("dump-environment");
    fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start(&installation()).await.unwrap();
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("CREATE TABLE study ()").await.unwrap();
    client.batch_execute("BEGIN; LOCK study").await.unwrap();
    let file = directory.join("one.dump");
    let mut command = with_secrets(&mut example("dump"))
        .env_remove("PGOPTIONS")
        .args([&server.url("postgres"), file.to_str().unwrap()])
        .spawn()
        .unwrap();
    let mut found = Vec::new();
    eventually("pg_dump waits", || {
        found = children(command.id())
            .into_iter()
            .flat_map(|guard| [vec![guard], children(guard)].concat())
            .collect();
        found.iter().any(|process| {
            fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.trim() == "pg_dump")
        })
    });
    let settings = Settings::parse(&server.url("postgres"), &|_| None).unwrap();
    let given: Vec<&str> = settings.variables().into_iter().map(|(name, _)| name).collect();
    // The password is from a variable, on purpose.
    for process in found {
        check_environment(
            process,
            &[given.as_slice(), &["PGPASSWORD", "SSL_CERT_DIR", "SSL_CERT_FILE"]].concat(),
        );
    }
    client.batch_execute("COMMIT").await.unwrap();
    assert!(command.wait().unwrap().success());
}

/// Everything below a directory, with its mode and its owner.
fn below(directory: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let mut all = vec![(directory.to_owned(), fs::symlink_metadata(directory).unwrap())];
    if directory.is_dir() && !directory.is_symlink() {
        all.extend(fs::read_dir(directory).unwrap().flat_map(|entry| below(&entry.unwrap().path())));
    }
    all
}

/// The server's user, if that is not ours.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn check_modes(state: &Path) {
    // Root's servers run as another user, who has to get in.
    let shelter = if is_root() { 0o755 } else { 0o700 };
    let shelters = [state.to_owned(), state.join("instances"), state.join("backups")];
    for (path, found) in below(state) {
        let mode = found.mode() & 0o7777;
        let right = match found.is_dir() {
            true if shelters.contains(&path) => mode == shelter,
            true => mode == 0o700,
            // PostgreSQL's own; the directory that it is in is closed.
            false => !found.is_file() || mode == 0o600,
        };
        assert!(right, "{} has mode {mode:o}", path.display());
        let parent = path.parent().unwrap();
        if shelters.iter().all(|shelter| parent != shelter && path != *shelter) {
            assert_eq!(found.uid(), fs::metadata(parent).unwrap().uid(), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn no_umask_opens_what_is_kept_or_closes_it_to_the_server() {
    for umask in ["000", "077"] {
        let directory = Scratch::new(&format!("umask-{umask}"));
        let state = directory.join("of/state");
        let run = |verb: &str, name: &str| {
            let mut shell = Command::new("/bin/sh");
            shell
                .args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask])
                .arg(example("instances").get_program());
            assert!(shell.arg(verb).arg(&state).arg(name).status().unwrap().success());
        };
        run("create", "demo");
        run("backup", "demo");
        let instances = Instances::open(&installation(), &state).unwrap();
        instances.backup("example").unwrap().wait_for(|_| {}).await.unwrap();
        run("restore", "copy");
        check_modes(&state);
        for name in ["demo", "copy"] {
            instances.get(name).unwrap().delete().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_older_releases_open_files_are_closed() {
    let directory = Scratch::new("opened");
    let instances = Instances::open(&installation(), &directory).unwrap();
    let demo = instances.create(&NewInstance::new("demo", Flavor::smallest(), 1).port(port())).await.unwrap();
    demo.restart().await.unwrap();
    for name in ["lock", "instances/demo/change.lock"] {
        fs::set_permissions(directory.join(name), Permissions::from_mode(0o644)).unwrap();
    }
    for name in ["instances", "backups"] {
        fs::set_permissions(directory.join(name), Permissions::from_mode(0o777)).unwrap();
    }
    demo.restart().await.unwrap();
    let instances = Instances::open(&installation(), &directory).unwrap();
    let other = instances
        .create(&NewInstance::new("other", Flavor::smallest(), 1).port(port()).stopped())
        .await
        .unwrap();
    check_modes(&directory);
    for named in [demo, other] {
        named.delete().await.unwrap();
    }
}

/// Whether the user `nobody` gets a lock on a file.
fn can_lock(path: &Path) -> bool {
    let mut program = Command::new("flock");
    program.args(["-n"]).arg(path).arg("true").uid(NOBODY).gid(NOBODY).stderr(Stdio::null());
    program.status().unwrap().success()
}

#[tokio::test]
async fn no_other_user_can_hold_a_lock() {
    if !is_root() {
        // Nobody else's processes can be started; the modes are looked at by the other tests.
        return;
    }
    let directory = Scratch::new("locks");
    let instances = Instances::open(&installation(), &directory).unwrap();
    let demo = instances.create(&NewInstance::new("demo", Flavor::smallest(), 1).port(port())).await.unwrap();
    demo.restart().await.unwrap();
    demo.attach()
        .await
        .unwrap()
        .user("ann")
        .create(&UserOptions::new().host("::1".parse().unwrap()))
        .await
        .unwrap();
    let locks: Vec<PathBuf> = below(&directory)
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.to_string_lossy().ends_with("lock"))
        .collect();
    assert!(locks.len() >= 5, "{locks:?}");
    for lock in locks {
        assert!(!can_lock(&lock), "{}", lock.display());
    }
    demo.delete().await.unwrap();
}

/// Who owns the files of an instance.
fn owners(named: &NamedInstance) -> Vec<u32> {
    let mut owners: Vec<u32> = below(named.directory()).iter().map(|(_, found)| found.uid()).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

#[tokio::test]
async fn root_leaves_another_users_instance_to_its_owner() {
    if !is_root() {
        return;
    }
    let directory = Scratch::new("another");
    fs::create_dir(&*directory).unwrap();
    let theirs = |verb: &str, name: &str| {
        let mut command = Command::new(directory.join("program"));
        command.arg(verb).arg(directory.join("state")).arg(name).current_dir("/").uid(NOBODY).gid(NOBODY);
        command
    };
    // Not every user may enter the directory that programs are built in.
    fs::copy(example("instances").get_program(), directory.join("program")).unwrap();
    std::os::unix::fs::chown(&*directory, Some(NOBODY), Some(NOBODY)).unwrap();
    assert!(theirs("create", "demo").status().unwrap().success());

    let instances = Instances::open(&installation(), &directory.join("state")).unwrap();
    let demo = instances.get("demo").unwrap();
    let user = demo.attach().await.unwrap().user("ann");
    user.create(&UserOptions::new().host("127.0.0.1".parse().unwrap())).await.unwrap();
    demo.resize("1GB".parse().unwrap()).await.unwrap();
    demo.resize_volume(2).await.unwrap();
    demo.listen(&["0.0.0.0".parse().unwrap()]).await.unwrap();
    assert_eq!(owners(&demo), [NOBODY]);
    let backup = demo.create_backup(&NewBackup::new("example")).await.unwrap();
    backup.wait_for(|_| {}).await.unwrap();
    assert_eq!(fs::metadata(backup.directory()).unwrap().uid(), NOBODY);
    assert!(demo.stop().await.unwrap());

    // And the owner goes on with it.
    assert!(theirs("cycle", "demo").status().unwrap().success());
    let user = demo.attach().await.unwrap().user("ann");
    user.set_hosts(&["127.0.0.2".parse().unwrap()]).await.unwrap();
    assert!(theirs("user", "demo").status().unwrap().success());
    assert_eq!(owners(&demo), [NOBODY]);
    instances.create(&NewInstance::new("roots", Flavor::smallest(), 1).port(port())).await.unwrap();
    let roots = instances.get("roots").unwrap();
    assert_eq!(owners(&roots), [NOBODY]);
    assert!(theirs("delete", "roots").status().unwrap().success());
    assert!(theirs("delete", "demo").status().unwrap().success());
}

#[tokio::test]
async fn a_dump_is_for_its_owner_alone() {
    let directory = Scratch::new("private-dump");
    fs::create_dir(&*directory).unwrap();
    let server = Throwaway::start(&installation()).await.unwrap();
    server.instance().database("copy").create().await.unwrap();
    let settings = |name: &str| Settings::parse(&server.url(name), &|_| None).unwrap();
    let file = directory.join("one.dump");
    File::create(&file).unwrap().set_permissions(Permissions::from_mode(0o666)).unwrap();
    let dump = Dump::new(&installation(), &settings("postgres"));
    assert_eq!(dump.write(&file).await.unwrap_err().kind(), ErrorKind::Exists);
    dump.overwrite().write(&file).await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
    Restore::new(&installation(), &settings("copy")).read(&file).await.unwrap();
}

/// A user whom no system lists.
const NAMELESS: u32 = 54_321;

#[tokio::test]
async fn a_user_without_a_name_learns_that_initdb_wants_one() {
    if !is_root() {
        return;
    }
    let directory = Scratch::new("nameless");
    fs::create_dir(&*directory).unwrap();
    fs::copy(example("instances").get_program(), directory.join("program")).unwrap();
    std::os::unix::fs::chown(&*directory, Some(NAMELESS), Some(NAMELESS)).unwrap();
    let mut command = Command::new(directory.join("program"));
    command
        .arg("create")
        .arg(directory.join("state"))
        .arg("demo")
        .current_dir("/")
        .uid(NAMELESS)
        .gid(NAMELESS);
    let ran = command.output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    let clause = "the server would run as user id 54321, which has no name on this system";
    assert!(!ran.status.success() && said.contains(clause) && said.contains("/etc/passwd"), "{said}");
    assert!(said.contains("could not look up effective user ID 54321"), "{said}");
    assert_eq!(fs::read_dir(directory.join("state/instances")).unwrap().count(), 0);
}
