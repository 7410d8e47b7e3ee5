use clap::Args;
use embed_migrate_core::{Error, Result};
use embed_migrate_runtime::{
    FactsStatus, Migrator, Node, PatchState, PatchStatus, Settings, Status as Runtime,
};

use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::problems::print_problems;
use crate::output::{json, print};

/// `status`: which patches are applied, pending or interrupted.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Status {
    /// End with exit code 3 if patches or facts are pending
    #[arg(long)]
    exit_code: bool,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Status {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let migrator = self.connect.apply(migrator);
        let mut all = vec![(None, migrator.status(settings).await?)];
        for Node { name, settings } in migrator.nodes() {
            let on = |error: Error| error.context(format!("on node `{name}`"));
            let mut status = migrator.status(settings).await.map_err(on)?;
            status.problem = Error::all(status.problem.into_iter().flat_map(Error::split).map(on));
            all.push((Some(name.as_str()), status));
        }
        let pending = all.iter().any(|(_, status)| is_pending(status));
        match self.connect.format {
            Format::Json => print::result(json::status(&all)),
            Format::Text => all.iter().for_each(|(node, status)| text(*node, status)),
        }
        Ok(match Error::all(all.into_iter().filter_map(|(_, status)| status.problem)) {
            Some(problem) => {
                print_problems(problem);
                Exit::Refused
            }
            None if pending && self.exit_code => Exit::Pending,
            None => Exit::Done,
        })
    }
}

/// More patches in a row with the same state are printed as one line. JSON has each patch.
pub(crate) const LONG: usize = 20;

/// Whether a run has something to do.
fn is_pending(status: &Runtime) -> bool {
    let waits = |patch: &PatchStatus| matches!(patch.state, PatchState::Pending | PatchState::Interrupted);
    status.patches.iter().any(waits) || status.facts.iter().any(FactsStatus::is_pending)
}

fn text(node: Option<&str>, Runtime { patches, facts, notes, .. }: &Runtime) {
    let on = node.map(|node| format!(" on node `{node}`")).unwrap_or_default();
    if patches.is_empty() {
        print::result(format_args!("no patches{on}"));
    }
    for row in patches.chunk_by(|one, next| one.bundle == next.bundle && one.state == next.state) {
        match row {
            [first, .., last] if row.len() > LONG => {
                let PatchStatus { bundle, version, state, .. } = first;
                let (to, count) = (last.version, row.len());
                print::result(format_args!("{bundle} {version} to {to} {state} ({count} patches){on}"));
            }
            row => row.iter().for_each(|PatchStatus { bundle, version, file, state, .. }| {
                print::result(format_args!("{bundle} {version} {state} ({file}){on}"));
            }),
        }
    }
    facts.iter().for_each(|facts| print::result(format_args!("{facts}{on}")));
    notes.iter().for_each(|note| print::result(format_args!("note: {note}{on}")));
}
