//! Boots once: `boot URL [--node=NAME=URL]… DIRECTORY…`, a bundle a directory. Prints each patch that it applied.

use std::process::ExitCode;
use std::time::Duration;

use migrate::{Bundle, Migrator, Settings};

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

async fn boot() -> migrate::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let parse = |url: &str| Settings::parse(url, &|name| std::env::var(name).ok());
    let settings = parse(&arguments.next().unwrap_or_default())?;
    let (nodes, paths): (Vec<_>, Vec<_>) = arguments.partition(|argument| argument.starts_with("--node="));
    let bundles: Vec<Bundle> =
        paths.iter().map(|path| Bundle::read(path, "app")).collect::<migrate::Result<_>>()?;
    let mut migrator = Migrator::new(&bundles).lock_wait(Duration::from_secs(60));
    for (name, url) in nodes.iter().filter_map(|node| node.strip_prefix("--node=")?.split_once('=')) {
        migrator = migrator.node(name, parse(url)?);
    }
    let report = migrator.run(&settings).await?;
    report.applied.iter().for_each(|done| println!("{} {}", done.bundle, done.version));
    Ok(())
}
