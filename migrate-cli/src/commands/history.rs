use clap::Args;
use embed_migrate_core::{Bundle, Result};
use embed_migrate_runtime::{
    HistoryEvent, HistoryLog, HistoryRow, Migrator, PatchState, PatchStatus, Settings,
};
use serde_json::json;

use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::history_line::HistoryLine;
use crate::output::print;

/// `history`: the patches of each bundle, the last one first, with the heads.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct History {
    /// Also show who applied each patch, when, and how long it took; then failures, remarks and facts
    #[arg(long, conflicts_with = "offline")]
    verbose: bool,
    /// Do not ask a database: show only what the bundles have
    #[arg(long)]
    pub(crate) offline: bool,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl History {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let migrator = self.connect.apply(migrator);
        let patches = migrator.status(settings).await?.patches;
        let log = match self.verbose {
            true => migrator.history(settings).await?,
            false => HistoryLog::default(),
        };
        self.print(migrator.bundles(), &patches, Some(&log));
        Ok(Exit::Done)
    }

    /// What the bundles have, without a database.
    pub(crate) fn of_bundles(&self, bundles: &[&Bundle]) -> Result<Exit> {
        let patches: Vec<_> = bundles.iter().flat_map(|bundle| embedded(bundle)).collect();
        self.print(bundles, &patches, None);
        Ok(Exit::Done)
    }

    fn print(&self, bundles: &[&Bundle], patches: &[PatchStatus], log: Option<&HistoryLog>) {
        let named = bundles.len() > 1;
        let lines = bundles.iter().flat_map(|bundle| HistoryLine::all(bundle, patches, log.is_some(), named));
        let rows = log.map(|log| log.rows.as_slice()).unwrap_or_default();
        let lines = lines.map(|line| HistoryLine { row: row_of(rows, line.patch), ..line });
        let (events, facts) = log.map_or((&[][..], &[][..]), |log| (&log.events[..], &log.facts[..]));
        match self.connect.format {
            Format::Json => print::result(json!({
                "patches": lines.map(|line| line.json()).collect::<Vec<_>>(),
                "events": events.iter().map(event_json).collect::<Vec<_>>(),
                "facts": facts.iter().map(crate::output::json::facts_line).collect::<Vec<_>>(),
            })),
            Format::Text => {
                lines.for_each(print::result);
                events.iter().for_each(|event| print::result(event_line(event)));
                facts.iter().for_each(print::result);
            }
        }
    }
}

fn row_of<'r>(rows: &'r [HistoryRow], patch: &PatchStatus) -> Option<&'r HistoryRow> {
    let same = |row: &&HistoryRow| row.applied.bundle == patch.bundle && row.applied.version == patch.version;
    rows.iter().rev().find(same)
}

/// The patches that a bundle has, as if a database had none of them.
fn embedded(bundle: &Bundle) -> Vec<PatchStatus> {
    let patches = bundle.baseline().into_iter().chain(bundle.patches().iter());
    patches.map(|patch| PatchStatus::embedded(bundle, patch)).collect()
}

fn event_line(HistoryEvent { happened_at, what, bundle, version, detail, .. }: &HistoryEvent) -> String {
    let about = match (bundle, version) {
        (Some(bundle), Some(version)) => format!(" {bundle} {version}"),
        (Some(bundle), None) => format!(" {bundle}"),
        (None, _) => String::new(),
    };
    format!("{happened_at} {what}{about}: {detail}")
}

fn event_json(event: &HistoryEvent) -> serde_json::Value {
    json!({
        "happened_at": event.happened_at, "what": event.what, "bundle": event.bundle,
        "version": event.version.map(|version| version.to_string()), "detail": event.detail,
    })
}

/// The version that a database is at, of each bundle.
pub(crate) fn current<'s>(bundle: &Bundle, patches: &'s [PatchStatus]) -> Option<&'s PatchStatus> {
    let of = patches.iter().filter(|patch| patch.bundle == bundle.name());
    of.filter(|patch| patch.state != PatchState::Pending).max_by_key(|patch| patch.version)
}
