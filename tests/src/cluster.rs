use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::Files;

/// A process that boots once; killed when dropped.
pub fn boot(program: &str, config: &Config, directories: &[PathBuf]) -> Child {
    let mut command = Command::new(program);
    command.arg(url(config)).args(directories).env_clear().stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// How long a boot takes that nothing breaks off.
pub async fn undisturbed(program: &str, config: &Config, directory: &Files) -> Duration {
    let started = Instant::now();
    let output = boot(program, config, &[directory.path().to_owned()]).wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    started.elapsed()
}

/// `key=value` settings for that database, as a program's argument.
pub fn url(config: &Config) -> String {
    let host = match &config.get_hosts()[0] {
        Host::Tcp(host) => host.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let (user, name) = (config.get_user().unwrap_or("postgres"), config.get_dbname().unwrap_or("postgres"));
    format!("host='{host}' port={port} user='{user}' dbname='{name}' sslmode=disable")
}
