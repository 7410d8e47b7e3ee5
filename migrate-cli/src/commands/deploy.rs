use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use embed_migrate_core::facts::Fact;
use embed_migrate_core::{ErrorKind, Result, Timeout};
use embed_migrate_runtime::{DeployReport, Driver, Event, Migrator, Report, Settings};

use crate::directory::facts;
use crate::directory::label::label;
use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::load_progress::LoadProgress;
use crate::output::notice_log::NoticeLog;
use crate::output::{json, print};
use crate::run::create_database;
use crate::run::disk_space::DiskSpaceOptions;

/// `deploy`: makes facts true.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Deploy {
    /// A file of facts, or a directory with a deploy.yaml (default: the bundle's patches and facts)
    #[arg(value_name = "FILE or DIRECTORY")]
    pub(crate) facts: Option<PathBuf>,
    /// Deploy and verify, show the SQL, and roll back
    #[arg(long)]
    dry_run: bool,
    /// Only check that the facts hold; writes nothing
    #[arg(long, conflicts_with = "dry_run")]
    verify: bool,
    /// Show the SQL as it is sent
    #[arg(long, short)]
    debug: bool,
    /// How long a statement waits for a table's lock before the deployment is tried again, such as 500ms; 0s: no limit
    /// (default: 2s, and 10min for an index that is built after the commit)
    #[arg(long, value_name = "TIME")]
    lock_timeout: Option<Timeout>,
    /// The check of the disk space.
    #[command(flatten)]
    pub(crate) disk_space: DiskSpaceOptions,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Deploy {
    /// Deploys the facts of a file or a directory.
    pub(crate) async fn file(
        &self,
        migrator: &Migrator<'_>,
        path: &std::path::Path,
        settings: &Settings,
        notices: &NoticeLog,
    ) -> Result<Exit> {
        let started = Instant::now();
        if self.verify {
            let (name, facts) = facts::required(path)?;
            print::progress(format_args!("Validating {name}"));
            let mut driver = self.driver(migrator, settings, &name, notices.clone()).await?;
            driver.verify(facts).await?;
            driver.close().await;
            return Ok(self.verified(&name, started));
        }
        let (name, Some(facts)) = facts::read(path)? else {
            print::progress(format_args!("`{}` has no deploy.yaml", label(path)));
            return Ok(self.deployed(&DeployReport::default(), started, notices));
        };
        create_database::missing(settings, self.connect.wait_to_write()).await?;
        let mut driver = self.driver(migrator, settings, &name, notices.clone()).await?;
        print::progress(format_args!("Deploying {name}"));
        let deployed = patiently(&mut driver, &facts).await?;
        match self.dry_run {
            true => {
                print::progress("Rolling back changes (dry run)");
                driver.rollback().await?;
            }
            false => driver.commit().await?,
        }
        driver.close().await;
        Ok(self.deployed(&deployed, started, notices))
    }

    async fn driver(
        &self,
        migrator: &Migrator<'_>,
        settings: &Settings,
        name: &str,
        notices: NoticeLog,
    ) -> Result<Driver> {
        let (show, bar, name) = (self.debug || self.dry_run, LoadProgress::default(), name.to_owned());
        let driver = Driver::connect(settings).await?.progress(move |event| match event {
            // A driver does not know the name of its facts.
            Event::Verifying { .. } => print::progress(format_args!("Validating {name}")),
            event => {
                notices.record(event);
                tell(event, show, &bar);
            }
        });
        let mut driver = driver.rewriting_as(migrator);
        driver = match self.lock_timeout {
            Some(timeout) => driver.with(|options| options.lock_timeout = Some(timeout)),
            None => driver.with(|options| {
                options.lock_timeout = Some(LOCK_TIMEOUT);
                options.build_timeout = Some(BUILD_TIMEOUT);
            }),
        };
        if !self.dry_run {
            driver = driver.concurrently();
        }
        Ok(self.connect.drive(driver, migrator))
    }

    /// Deploys the facts of the bundles, on top of their patches.
    pub(crate) async fn bundles(
        &self,
        migrator: Migrator<'_>,
        settings: &Settings,
        notices: &NoticeLog,
    ) -> Result<Exit> {
        let started = Instant::now();
        let names: Vec<_> = migrator.bundles().iter().map(|bundle| bundle.name().to_string()).collect();
        let show = self.debug;
        let bar = LoadProgress::default();
        let migrator = self.connect.apply(migrator).with(|options| {
            options.facts_again = true;
            options.lock_timeout = self.lock_timeout.or(options.lock_timeout);
        });
        let noted = notices.clone();
        let migrator = migrator.progress(move |event| {
            noted.record(event);
            tell(event, show, &bar);
        });
        if self.verify {
            let names = names.join(", ");
            print::progress(format_args!("Validating {names}"));
            migrator.verify(settings).await?;
            return Ok(self.verified(&names, started));
        }
        if self.dry_run {
            let run = migrator.dry_run(settings).await?;
            print::progress("Rolling back changes (dry run)");
            match self.connect.format {
                Format::Json => print::result(notices.add_to(json::dry_run(&run))),
                Format::Text if run.is_empty() => {
                    print::result(NOTHING);
                }
                Format::Text => print::result(&run),
            }
            return Ok(ended(started));
        }
        create_database::missing(settings, self.connect.wait_to_write()).await?;
        let report = migrator.run(settings).await?;
        match self.connect.format {
            Format::Json => print::result(notices.add_to(json::report(&report))),
            Format::Text if is_nothing(&report) => {
                report.notes.iter().for_each(|note| print::progress(format_args!("note: {note}")));
                print::result(NOTHING);
            }
            Format::Text => print::result(&report),
        }
        Ok(ended(started))
    }

    fn deployed(&self, deployed: &DeployReport, started: Instant, notices: &NoticeLog) -> Exit {
        match self.connect.format {
            Format::Json => print::result(notices.add_to(json::deployed(deployed, self.dry_run))),
            Format::Text if deployed.is_empty() => print::result(NOTHING),
            Format::Text => print::result(format_args!("{deployed}")),
        }
        ended(started)
    }

    fn verified(&self, name: &str, started: Instant) -> Exit {
        match self.connect.format {
            Format::Json => print::result(serde_json::json!({ "holds": true, "facts": name })),
            Format::Text => print::result(format_args!("{name} holds")),
        }
        ended(started)
    }
}

const NOTHING: &str = "Nothing to deploy";

/// Whether a run had nothing to do.
fn is_nothing(report: &Report) -> bool {
    let nothing = DeployReport::default().to_string();
    report.applied.is_empty()
        && report.left.is_empty()
        && report.facts.iter().all(|done| done.summary == nothing)
}

/// Prints how long it took.
fn ended(started: Instant) -> Exit {
    print::progress(format_args!("Total time: {:.1} s", started.elapsed().as_secs_f64()));
    Exit::Done
}

/// Deploys, and tries again if a table's lock was not free in time: a statement that waits for a lock makes others wait.
async fn patiently(driver: &mut Driver, facts: &[Fact]) -> Result<DeployReport> {
    let mut tries = 0;
    loop {
        match driver.deploy(facts).await {
            Err(error) if error.kind() == ErrorKind::Locked && tries < RETRIES => {
                tries += 1;
                print::progress(format_args!("{}; trying again ({tries} of {RETRIES})", error.message()));
                driver.rollback().await?;
                tokio::time::sleep(Duration::from_millis(200) * tries).await;
            }
            done => return done,
        }
    }
}

/// How many times a deployment is tried again.
const RETRIES: u32 = 10;

/// How long a statement waits for a table's lock by default.
const LOCK_TIMEOUT: Timeout = Timeout::new(2_000);

/// How long an index that is built after the commit waits for older transactions.
const BUILD_TIMEOUT: Timeout = Timeout::new(600_000);

/// Prints an event; SQL only if it was asked for.
pub(crate) fn tell(event: &Event, show: bool, bar: &LoadProgress) {
    match event {
        Event::Statement { sql } if show => {
            print::result(format_args!("{};", sql.trim().trim_end_matches(';')))
        }
        Event::Statement { .. } | Event::RollingBack => {}
        Event::Rows { table, done, total } => bar.show(table, *done, *total),
        event => print::progress(event),
    }
}
