use clap::Args;
use embed_migrate_core::{BundleHead, Error, ErrorKind, Kind, Limit, Reach, Result, Targets, Timeout};
use embed_migrate_runtime::{Event, FactsStatus, Migrator, PatchStatus, Report, Settings};

use super::status::LONG;
use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::options::target::Target;
use crate::options::version_spec::VersionSpec;
use crate::output::backfill_progress::BackfillProgress;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::notice_log::NoticeLog;
use crate::output::{json, print};
use crate::run::interrupt::AppliedPatches;
use crate::run::pre_run::PreRunOptions;

/// `up`: applies what is pending.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Up {
    /// Stop at this version. `head` is the last version, `base` is before the first. Later patches that the database has
    /// stay applied or interrupted: without a name, of each bundle
    #[arg(long, value_name = "[BUNDLE=]VERSION")]
    to: Vec<Target>,
    /// Apply all pending patches, not only the first group: consecutive std patches, or consecutive direct and concurrent
    /// ones
    #[arg(long, conflicts_with = "one")]
    all: bool,
    /// Apply only the first pending patch
    #[arg(long)]
    one: bool,
    /// Apply only patches of this kind, and stop at the first patch of another kind; may be repeated
    #[arg(long, value_name = "std|direct|concurrent")]
    kind: Vec<Kind>,
    /// Set up a fresh database by the create tree (`create/`) instead of the patches that it replaces, then apply the rest
    #[arg(long, conflicts_with_all = ["one", "kind", "to", "dry_run"])]
    create: bool,
    /// Try everything in one transaction, show the SQL and the changes, and roll back
    #[arg(long)]
    dry_run: bool,
    /// Slony: add new tables to the replicated set; otherwise they are only reported
    #[arg(long)]
    add_to_set: bool,
    /// How long to wait until all nodes of a replicated set have the patches, such as 30s (default: 5min)
    #[arg(long, value_name = "TIME")]
    node_wait: Option<Timeout>,
    /// How long to wait at the end until the server's physical standbys have the patches, such as 30s (default: not at all)
    #[arg(long, value_name = "TIME")]
    wait_for_standbys: Option<Timeout>,
    /// How long to wait for another process that migrates, such as 30s or 5min; 0s: not at all (default: 5min)
    #[arg(long, value_name = "TIME")]
    lock_wait: Option<Timeout>,
    /// How long a statement waits for a table's lock before its patch is tried again, such as 500ms; 0s: no limit
    #[arg(long, value_name = "TIME")]
    lock_timeout: Option<Timeout>,
    /// What happens before.
    #[command(flatten)]
    pub(crate) pre_run: PreRunOptions,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Up {
    pub(crate) async fn run(
        &self,
        migrator: Migrator<'_>,
        settings: &Settings,
        notices: &NoticeLog,
    ) -> Result<Exit> {
        self.pre_run.check(&migrator)?;
        if self.is_at_base(&migrator)? {
            print::progress("nothing to apply: `base` is before the first patch");
            if self.connect.format == Format::Json {
                print::result(notices.add_to(json::report(&Report::default())));
            }
            return Ok(Exit::Done);
        }
        let format = self.connect.format;
        let applied = AppliedPatches::default();
        let noted = applied.clone();
        let (recorder, batches) = (notices.clone(), BackfillProgress::default());
        let migrator = self.options(migrator)?.progress(move |event| {
            noted.note(event);
            recorder.record(event);
            if !batches.is_batch(event) {
                tell(event, format);
            }
        });
        if self.dry_run {
            let run = applied.unless_stopped(migrator.dry_run(settings)).await?;
            match format {
                Format::Json => print::result(notices.add_to(json::dry_run(&run))),
                Format::Text => print::result(&run),
            }
            return Ok(Exit::Done);
        }
        let report = applied.unless_stopped(migrator.run(settings)).await?;
        match format {
            Format::Json => print::result(notices.add_to(json::report(&report))),
            Format::Text => text(&report),
        }
        Ok(Exit::Done)
    }

    /// Whether `--to base` is given for all bundles.
    fn is_at_base(&self, migrator: &Migrator<'_>) -> Result<bool> {
        let targets: Vec<_> = self.to.iter().filter(|target| target.version == VersionSpec::Base).collect();
        let named =
            targets.iter().map(|target| target.bundles(migrator)).collect::<Result<Vec<_>>>()?.concat();
        match migrator.bundles().iter().find(|bundle| !named.contains(&bundle.name().to_string())) {
            _ if targets.is_empty() => Ok(false),
            None => Ok(true),
            Some(other) => Err(some_at_base(other.name())),
        }
    }

    fn options<'a>(&self, migrator: Migrator<'a>) -> Result<Migrator<'a>> {
        let reach = match (self.all || self.create, self.one) {
            (true, _) => Reach::All,
            (false, true) => Reach::One,
            (false, false) => Reach::Group,
        };
        let migrator = self.connect.apply(migrator);
        let mut targets = Targets::new();
        for target in &self.to {
            for bundle in target.bundles(&migrator)? {
                match target.version {
                    VersionSpec::Version(version) => drop(targets.insert(bundle, version)),
                    // All there is.
                    VersionSpec::Head | VersionSpec::Base => {}
                }
            }
        }
        Ok(migrator.with(|options| {
            options.limit = Limit { reach, kinds: self.kind.clone() };
            options.targets.extend(targets);
            options.lock_wait = self.lock_wait.map_or(options.lock_wait, Timeout::duration);
            options.lock_timeout = self.lock_timeout.or(options.lock_timeout);
            options.standby_wait = self.wait_for_standbys.map(Timeout::duration).or(options.standby_wait);
            options.node_wait = self.node_wait.map_or(options.node_wait, Timeout::duration);
            options.create_tree |= self.create;
            options.add_to_set |= self.add_to_set;
        }))
    }
}

/// A run migrates all its bundles together.
fn some_at_base(other: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("a run stops at `base` with all its bundles, but `{other}` has another target"),
    )
    .help("leave out the directories of bundles that are not to change")
}

/// Prints the rest of a report: each patch was printed when it was applied.
fn text(report: &Report) {
    for FactsStatus { bundle, revision, summary, .. } in &report.facts {
        print::result(format_args!("facts {revision} of {bundle}: {summary}"));
    }
    report.notes.iter().for_each(|note| print::result(format_args!("note: {note}")));
    for BundleHead { bundle, head, ahead, .. } in &report.bundles {
        let head = head.map_or("empty".to_owned(), |head| format!("at {head}"));
        let ahead = if *ahead { ", ahead of these patches" } else { "" };
        print::result(format_args!("{bundle} is {head}{ahead}"));
    }
    for row in report.left.chunk_by(|one, next| one.bundle == next.bundle) {
        match row {
            [first, .., last] if row.len() > LONG => {
                let (bundle, count) = (&first.bundle, row.len());
                print::result(format_args!(
                    "left: {bundle} {} to {} ({count} patches)",
                    first.version, last.version
                ));
            }
            row => row.iter().for_each(|PatchStatus { bundle, version, file, .. }| {
                print::result(format_args!("left: {bundle} {version} ({file})"));
            }),
        }
    }
    let (count, elapsed) = (report.applied.len(), report.elapsed.as_millis());
    let left = match report.left.len() {
        0 => String::new(),
        left => format!("; {left} left for the next `up`, or `up --all`"),
    };
    print::result(format_args!("{count} applied in {elapsed} ms{left}"));
}

/// In text, an applied patch is part of the result, and the rest is progress.
fn tell(event: &Event, format: Format) {
    match (event, format) {
        (Event::Applied { .. }, Format::Text) => print::result(event),
        _ => print::progress(event),
    }
}
