//! The commands in `docs/clusters.md` print what the page shows.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

#[path = "docs_console/mod.rs"]
mod docs_console;
mod support;

use docs_console::{fits, run};
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
