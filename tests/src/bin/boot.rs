//! Boots once: `boot URL DIRECTORY…`, a bundle a directory. Prints each patch that it applied.

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
    let settings = Settings::parse(&arguments.next().unwrap_or_default(), &|name| std::env::var(name).ok())?;
    let bundles: Vec<Bundle> =
        arguments.map(|path| Bundle::read(&path, "app")).collect::<migrate::Result<_>>()?;
    let report = Migrator::new(&bundles).lock_wait(Duration::from_secs(60)).run(&settings).await?;
    report.applied.iter().for_each(|done| println!("{} {}", done.bundle, done.version));
    Ok(())
}
