use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use embed_migrate_core::quote::LONGEST;
use embed_migrate_core::{Error, ErrorKind, Result, RunOptions, escape_controls};
use futures_util::future::BoxFuture;
use tokio_postgres::Client;

use super::node::Node;
use super::topology::Topology;
use crate::report::event::Event;
use crate::report::pending_patch::PendingPatch;

/// A callback for what happens during a run.
pub(crate) type Progress = Arc<dyn Fn(&Event) + Send + Sync>;

/// Takes a backup before a run, and returns its name.
pub(crate) type Backup = Arc<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>;

/// Checks the patches that a run is about to apply.
pub(crate) type PatchCheck =
    Arc<dyn for<'c> Fn(&'c Client, Vec<PendingPatch>) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// Checks the tables that facts are about to rewrite.
pub(crate) type RewriteCheck =
    Arc<dyn for<'c> Fn(&'c Client, String) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// What a run is asked for: its options, and what its application does meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) run: RunOptions,
    pub(crate) nodes: Vec<Node>,
    /// Detected if it is not set.
    pub(crate) topology: Option<Topology>,
    pub(crate) progress: Option<Progress>,
    pub(crate) backup: Option<Backup>,
    /// Checks the patches that a run is about to apply.
    pub(crate) patch_check: Option<PatchCheck>,
    /// Checks the tables that facts are about to rewrite.
    pub(crate) rewrite_check: Option<RewriteCheck>,
}

impl Deref for Options {
    type Target = RunOptions;

    fn deref(&self) -> &RunOptions {
        &self.run
    }
}

impl DerefMut for Options {
    fn deref_mut(&mut self) -> &mut RunOptions {
        &mut self.run
    }
}

impl Options {
    /// Problems of the given names: PostgreSQL cuts off long ones, so that two schemas would be one.
    pub(crate) fn problems(&self) -> Vec<Error> {
        let roles = self.trust.iter().map(|name| ("trusted role", name));
        let names = [("history schema", &self.history_schema)].into_iter();
        let names = names.chain(self.role.as_ref().map(|name| ("role", name))).chain(roles);
        let unfit = |name: &str| name.is_empty() || name.len() > LONGEST || name.contains('\0');
        let named = names.filter(|(_, name)| unfit(name)).map(|(what, name)| {
            let message = format!("`{}` can't be the name of the {what}", escape_controls(name));
            Error::new(ErrorKind::Name, message).help(format!("a name has 1 to {LONGEST} bytes, and no NUL"))
        });
        let texts = [("application", &self.application), ("revision", &self.revision)];
        let recorded = texts.into_iter().filter_map(|(what, text)| {
            let text = text.as_ref().filter(|text| text.contains('\0'))?;
            let message = format!("the {what} `{}` contains a NUL character", escape_controls(text));
            Some(Error::new(ErrorKind::Name, message).help("PostgreSQL can't store it: leave it out"))
        });
        named.chain(recorded).collect()
    }

    pub(crate) fn tell(&self, event: &Event) {
        if let Some(progress) = &self.progress {
            progress(event);
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("run", &self.run).finish_non_exhaustive()
    }
}

/// Refuses create trees if several servers are migrated together.
pub(crate) fn refuse_several(options: &Options) -> Result<()> {
    match options.create_tree {
        true => Err(Error::new(
            ErrorKind::Unsupported,
            "a create tree makes the database of one server, and there are several",
        )
        .help("let the patches make it")),
        false => Ok(()),
    }
}
