#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]
//! Runs the console examples of a manual.

use std::process::Command;

use super::support::Place;

/// Runs the lines after `$` one after another, and compares what they print with what is shown; `…` stands for anything.
pub(crate) fn check(place: &Place, manual: &str, expected: usize) {
    let mut commands = 0;
    for example in manual.split("\n```console\n$ ").skip(1) {
        for step in example.split_once("\n```").unwrap().0.split("\n$ ") {
            let (line, shown) = step.split_once('\n').unwrap_or((step, ""));
            let printed = run(place, line);
            assert!(fits(&printed, shown), "$ {line}\n{printed}");
            commands += 1;
        }
    }
    assert_eq!(commands, expected);
}

/// What a shell prints for a line in which `cargo` is ours.
pub(crate) fn run(place: &Place, line: &str) -> String {
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
pub(crate) fn fits(text: &str, shown: &str) -> bool {
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
