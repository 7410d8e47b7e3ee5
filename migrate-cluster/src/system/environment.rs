use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// The variables that programs get from ours: where programs and libraries are found, the time zone, where temporary
/// files go, and whose home it is.
///
/// Nothing else: what our program was given may be secret, as is a URL with a password or a cloud's key. A server
/// would show it to each of its superusers (`COPY ... FROM PROGRAM 'env'`) as long as it runs.
const KEPT: [&str; 7] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TZDIR", "TMPDIR", "HOME"];

/// A program that is started with nothing of our environment but what every program needs.
///
/// Here alone the environment is read, so that it is not handed on as a whole.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    hand_on(&mut command, &KEPT);
    // Messages in English, and a locale without which a server does not start on macOS.
    command.env("LC_ALL", "C");
    command
}

/// Hands on what one program needs besides.
pub(crate) fn hand_on(command: &mut Command, names: &[&str]) {
    command.envs(names.iter().filter_map(|name| Some((name, env::var_os(name)?))));
}
