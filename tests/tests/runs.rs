//! A shared server ends with the last process of a run, however that ends, and leaves nothing.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tests::connect;
use tests::subject::{Subject, eventually, guards_of, lives, processes_of};

fn subject() -> Subject {
    Subject::new(env!("CARGO_BIN_EXE_subject"))
}

fn group(process: &std::process::Child) -> Pid {
    Pid::from_child(process)
}

#[test]
fn processes_of_a_run_share_a_server_at_the_same_time_and_one_after_the_other() {
    let subject = subject();
    let (one, two) = (subject.hold(""), subject.hold(""));
    assert_eq!(one.server, two.server);
    assert_ne!(one.url, two.url);
    let (server, directory) = (one.server, one.directory.clone());
    one.finish();
    two.finish();
    // We are the runner, and live: the server waits for more.
    let three = subject.hold("");
    assert_eq!(three.server, server);
    three.finish();
    eventually("it has waited", || !directory.exists());
    assert!(!lives(server));
}

#[test]
fn processes_that_begin_at_once_get_one_server() {
    let subject = subject();
    let started: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| subject.hold(""))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut servers: Vec<_> = started.iter().map(|held| held.server).collect();
    servers.dedup();
    assert_eq!(servers.len(), 1);
    let mut urls: Vec<_> = started.iter().map(|held| held.url.clone()).collect();
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 6);
    let directory = started[0].directory.clone();
    // One was killed, so that nobody waits for more in the end.
    for (number, mut held) in started.into_iter().enumerate() {
        match number {
            0 => {
                held.process.kill().unwrap();
                held.process.wait().unwrap();
            }
            _ => drop(held.finish()),
        }
    }
    eventually("the directory is gone", || !directory.exists());
}

#[tokio::test]
async fn the_database_of_a_failed_test_is_kept_until_the_next_run() {
    let subject = subject();
    let held = subject.hold("fail");
    let (directory, url) = (held.directory.clone(), held.url.clone());
    let printed = held.finish();
    assert!(
        printed.contains(&format!("psql '{url}'")) && printed.contains("kept for 10 minutes"),
        "{printed}"
    );
    eventually("the run is over", || !directory.join("open").exists());
    let client = connect(&url.parse().unwrap()).await;
    let row = client.query_one("SELECT id FROM study", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 7);
    drop(client);
    let next = subject.hold("");
    assert_ne!(next.directory, directory);
    eventually("the one that stayed is gone", || !directory.exists());
    let directory = next.directory.clone();
    // As Ctrl-C does it, which a shell may have its jobs in the background ignore.
    kill_process(group(&next.process), Signal::TERM).unwrap();
    eventually("a run that was ended leaves nothing", || !directory.exists());
    next.finish();
}

/// 50 moments from the process's start on, in milliseconds: before the server is there, while it starts, while the test
/// runs. Always the same ones (SplitMix64).
fn moments() -> impl Iterator<Item = Duration> {
    let mut state = 5_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_micros((z ^ (z >> 31)) % 200_000)
    })
    .take(50)
}

#[test]
fn sigkill_at_any_moment_to_the_test_or_its_group_leaves_nothing() {
    let subject = subject();
    // With an image: a start is then where most of the moments are.
    let first = subject.hold("");
    let directory = first.directory.clone();
    first.finish();
    eventually("the first server is gone", || !directory.exists());
    for (number, moment) in moments().enumerate() {
        let mut process = subject.start("");
        std::thread::sleep(moment);
        let guards = guards_of(process.id());
        match number % 2 {
            0 => kill_process(group(&process), Signal::KILL).unwrap(),
            _ => kill_process_group(group(&process), Signal::KILL).unwrap(),
        }
        process.wait().unwrap();
        for (guard, directory) in guards {
            eventually("the directory is gone", || !directory.exists());
            eventually("nobody works there", || processes_of(&directory).is_empty() && !lives(guard));
        }
    }
}

#[test]
fn what_a_killed_guard_left_goes_with_the_next_run() {
    let subject = subject();
    let mut held = subject.hold("");
    let (server, directory) = (held.server, held.directory.clone());
    for process in processes_of(&directory).into_iter().filter(|process| *process != server) {
        // The guard, and the shell of its that reads the pipe; what else has it in its arguments is the server's own.
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        if !name.starts_with("postgres") {
            // One of them may take the other along.
            let _ = kill_process(Pid::from_raw(process as i32).unwrap(), Signal::KILL);
        }
    }
    held.process.kill().unwrap();
    held.process.wait().unwrap();
    assert!(lives(server) && directory.exists());
    eventually("the next runs have removed it", || {
        let mut next = subject.hold("");
        assert_ne!(next.server, server);
        next.process.kill().unwrap();
        next.process.wait().unwrap();
        !directory.exists()
    });
    assert!(!lives(server));
}
