use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// The environment variables that programs inherit: the paths of programs and libraries, the time zone, the directory
/// of temporary files, and the home directory.
///
/// Other variables may be secret, such as a URL with a password or a cloud's key. A server would show them to each of
/// its superusers (`COPY ... FROM PROGRAM 'env'`) as long as it runs.
const KEPT: [&str; 7] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TZDIR", "TMPDIR", "HOME"];

/// A command that inherits only the variables that every program needs.
///
/// The environment is read here only, so that it is not inherited as a whole.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    hand_on(&mut command, &KEPT);
    // Messages in English, and a locale without which a server does not start on macOS.
    command.env("LC_ALL", "C");
    command
}

/// Lets a command inherit further variables.
pub(crate) fn hand_on(command: &mut Command, names: &[&str]) {
    command.envs(names.iter().filter_map(|name| Some((name, env::var_os(name)?))));
}
