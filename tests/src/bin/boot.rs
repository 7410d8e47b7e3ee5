//! Boots once: `boot URL [--node=NAME=URL]… [--idle-limit=MS] [--answer-timeout=MS] [--hold] DIRECTORY…`, a bundle a
//! directory. Prints each patch that it applied. With `--hold`, another process has its sockets too, as a child would that was
//! forked while it ran, until its input ends.

use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate::{Bundle, Migrator, Settings};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match boot().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn boot() -> embed_migrate::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let parse = |url: &str| Settings::parse(url, &|name| std::env::var(name).ok());
    let settings = parse(&arguments.next().unwrap_or_default())?;
    let (options, paths): (Vec<_>, Vec<_>) = arguments.partition(|argument| argument.starts_with("--"));
    let milliseconds = |name: &str| {
        let given = options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
        given.map(|number| Duration::from_millis(number.parse().unwrap()))
    };
    let bundles: Vec<Bundle> =
        paths.iter().map(|path| Bundle::read(path, "app")).collect::<embed_migrate::Result<_>>()?;
    let mut migrator = Migrator::new(&bundles).with(|options| options.lock_wait = Duration::from_secs(60));
    if let Some(limit) = milliseconds("--idle-limit") {
        migrator = migrator.with(|options| options.idle_limit = limit);
    }
    if let Some(limit) = milliseconds("--answer-timeout") {
        migrator = migrator.with(|options| options.answer_timeout = limit);
    }
    let (held, holding) = (Arc::new(Mutex::new(Vec::new())), options.iter().any(|option| option == "--hold"));
    if holding {
        let held = held.clone();
        migrator = migrator.progress(move |_| held.lock().unwrap().extend(sockets()));
    }
    for (name, url) in options.iter().filter_map(|node| node.strip_prefix("--node=")?.split_once('=')) {
        migrator = migrator.node(name, parse(url)?);
    }
    let report = migrator.run(&settings).await?;
    report.applied.iter().for_each(|done| println!("{} {}", done.bundle, done.version));
    if holding {
        assert!(!held.lock().unwrap().is_empty());
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    }
    Ok(())
}

/// The sockets of this process once more.
fn sockets() -> Vec<OwnedFd> {
    let ourselves = pidfd_open(getpid(), PidfdFlags::empty()).unwrap();
    let is_socket =
        |path: &PathBuf| fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"));
    let paths = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
    let numbers =
        paths.filter(is_socket).map(|path| path.file_name().unwrap().to_str().unwrap().parse().unwrap());
    numbers.map(|number| pidfd_getfd(&ourselves, number, PidfdGetfdFlags::empty()).unwrap()).collect()
}
