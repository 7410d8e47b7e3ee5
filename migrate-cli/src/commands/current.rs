use clap::Args;
use embed_migrate_core::{Bundle, Error, Result};
use embed_migrate_runtime::{Migrator, Node, PatchState, PatchStatus, Settings};
use serde_json::{Value, json};

use super::history::current;
use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `current`: the version that the database is at.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Current {
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Current {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let migrator = self.connect.apply(migrator);
        let mut lines = Vec::new();
        self.add(&mut lines, None, &migrator, &migrator.status(settings).await?.patches);
        for Node { name, settings } in migrator.nodes() {
            let on = |error: Error| error.context(format!("on node `{name}`"));
            let status = migrator.status(settings).await.map_err(on)?;
            self.add(&mut lines, Some(name), &migrator, &status.patches);
        }
        if self.connect.format == Format::Json {
            print::result(json!({ "current": lines }));
        }
        Ok(Exit::Done)
    }

    fn add(
        &self,
        lines: &mut Vec<Value>,
        node: Option<&str>,
        migrator: &Migrator<'_>,
        patches: &[PatchStatus],
    ) {
        for bundle in migrator.bundles() {
            let patch = current(bundle, patches);
            match self.connect.format {
                Format::Json => lines.push(value(node, bundle, patch)),
                Format::Text => {
                    let on = node.map(|node| format!(" on node `{node}`")).unwrap_or_default();
                    print::result(format_args!("{}{on}", line(bundle, patch)));
                }
            }
        }
    }
}

/// `registry 1.1.0 (head)`
fn line(bundle: &Bundle, patch: Option<&PatchStatus>) -> String {
    let name = bundle.name();
    let Some(patch) = patch else { return format!("{name} <base>") };
    let interrupted = (patch.state == PatchState::Interrupted).then_some("interrupted");
    let head = (Some(patch.version) >= bundle.head()).then_some("head");
    let marks: Vec<_> = head.into_iter().chain(interrupted).collect();
    match marks.is_empty() {
        true => format!("{name} {}", patch.version),
        false => format!("{name} {} ({})", patch.version, marks.join(", ")),
    }
}

fn value(node: Option<&str>, bundle: &Bundle, patch: Option<&PatchStatus>) -> Value {
    let mut value = json!({
        "bundle": bundle.name(),
        "version": patch.map(|patch| patch.version.to_string()),
        "state": patch.map(|patch| patch.state.as_str()),
        "head": bundle.head().map(|head| head.to_string()),
    });
    if let (Some(node), Some(value)) = (node, value.as_object_mut()) {
        value.insert("node".to_owned(), node.into());
    }
    value
}
