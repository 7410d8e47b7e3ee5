//! The commands in `docs/clusters.md` print what the page shows.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::process::Command;

use embed_migrate_cluster::{Installation, Throwaway};
use support::Place;

#[tokio::test]
async fn the_manual_shows_what_the_command_line_does() {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    let server = Throwaway::start(&installation).await.unwrap();
    let place = Place::new().with("DATABASE_URL", server.url("demo"));
    let manual = include_str!("../../docs/clusters.md");
    // Up to where it is about servers of one's own.
    let manual = manual.split("\n## Instances").next().unwrap();
    let mut commands = 0;
    for example in manual.split("\n```console\n$ ").skip(1) {
        for step in example.split_once("\n```").unwrap().0.split("\n$ ") {
            let (line, expected) = step.split_once('\n').unwrap();
            let shown = where_it_listens(&run(&place, line));
            assert!(fits(&shown, expected), "$ {line}\n{shown}");
            commands += 1;
        }
    }
    assert_eq!(commands, 12);
}

/// What is printed where the server listens on a port of this machine, as the reader's does, and the test's does not.
fn where_it_listens(text: &str) -> String {
    let messages = |line: &&str| !line.starts_with("warning: the server listens on its Unix socket only");
    text.lines().filter(messages).map(|line| format!("{line}\n")).collect()
}

/// What a shell prints for a line in which `cargo` is ours.
fn run(place: &Place, line: &str) -> String {
    let script = format!("cargo() {{ \"$PROGRAM\" \"$@\"; }}\n{line}");
    let ours = place.command(&[]);
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
        .env("PROGRAM", ours.get_program())
        .current_dir(ours.get_current_dir().unwrap())
        .args(["-c", &script]);
    let output = shell.output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// Whether it is what was shown, where `…` stands for anything.
fn fits(text: &str, shown: &str) -> bool {
    let mut rest = text.trim_end();
    let mut parts = shown.split('…');
    let first = parts.next().unwrap();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}
