use embed_migrate_core::catalog::{Catalog, Difference, QualifiedName, compare};
use embed_migrate_core::{Error, Result};
use embed_migrate_runtime::Settings;

use super::proof_patch::{ProofFailure, ProofPatch, run};
use super::proof_server::ProofServer;

/// The way back of a patch, or why there is none.
#[doc(hidden)]
pub type WayBack = std::result::Result<ProofPatch, String>;

/// Patches that are to lead from one state to another, and back.
#[doc(hidden)]
pub struct PatchProof<'a> {
    /// The database that they start from.
    pub base: &'a Settings,
    /// The history's schema, which is left out of catalogs.
    pub history: &'a str,
    /// The patches, in their order.
    pub patches: &'a [ProofPatch],
    /// Rows for the tables: a statement for each row.
    pub rows: Vec<(QualifiedName, Vec<String>)>,
    /// The way back of a patch, by its place: from the second catalog to the first; or why there is none.
    pub back: &'a dyn Fn(usize, &Catalog, &Catalog) -> WayBack,
    /// What a catalog is to be after the last patch.
    pub residue: &'a dyn Fn(&Catalog) -> Vec<Difference>,
}

/// What a proof found.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct ProofOutcome {
    /// The way back of each patch, or why there is none.
    pub backs: Vec<WayBack>,
    /// What is left over, as an error for each; empty if everything is proven.
    pub residue: Vec<Error>,
    /// The tables without rows, each with the reason.
    pub without_rows: Vec<(QualifiedName, String)>,
}

impl PatchProof<'_> {
    /// Applies the patches to a copy of the base with rows, runs the ways back, and applies them again. If the rows
    /// themselves are at fault, it begins again without those of that table.
    ///
    /// # Errors
    ///
    /// The server can't be used.
    pub async fn run(mut self, server: &mut ProofServer) -> Result<ProofOutcome> {
        let mut without_rows = Vec::new();
        loop {
            let settings = server.copy(self.base).await?;
            self.insert(&settings, &mut without_rows).await?;
            let mut outcome = ProofOutcome::default();
            match self.there_and_back(server, &settings, &mut outcome).await {
                Ok(()) => {}
                Err(failure) if failure.by_rows && !self.rows.is_empty() => {
                    self.leave_out(failure, &mut without_rows);
                    continue;
                }
                Err(failure) => outcome.residue.push(failure.error),
            }
            outcome.without_rows = without_rows;
            return Ok(outcome);
        }
    }

    /// Leaves out the rows that are at fault: of one table, or of all.
    fn leave_out(&mut self, failure: ProofFailure, without_rows: &mut Vec<(QualifiedName, String)>) {
        let of = failure.table.filter(|table| self.rows.iter().any(|(name, _)| name == table));
        let why = failure.error.message().to_owned();
        self.rows.retain(|(name, _)| {
            let left_out = of.as_ref().is_none_or(|of| name == of);
            if left_out {
                without_rows.push((name.clone(), why.clone()));
            }
            !left_out
        });
    }

    /// Inserts rows; a table whose rows are refused has none.
    async fn insert(
        &mut self,
        settings: &Settings,
        without_rows: &mut Vec<(QualifiedName, String)>,
    ) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let link = settings.connect().await?;
        // Keys are looked up when all rows are there: by the patches, and by nothing else.
        let quiet = run(&link.client, "SET session_replication_role = replica").await;
        quiet.map_err(|failure| failure.error)?;
        let mut refused = Vec::new();
        for (name, inserts) in &self.rows {
            if let Err(failure) = run(&link.client, &inserts.join(";\n")).await {
                refused.push((name.clone(), failure.error.message().to_owned()));
            }
        }
        self.rows.retain(|(name, _)| !refused.iter().any(|(other, _)| other == name));
        without_rows.extend(refused);
        drop(link);
        Ok(())
    }

    async fn there_and_back(
        &self,
        server: &ProofServer,
        settings: &Settings,
        outcome: &mut ProofOutcome,
    ) -> std::result::Result<(), ProofFailure> {
        let mut states = vec![server.catalog(settings, self.history).await?];
        for patch in self.patches {
            patch.apply(settings).await?;
            states.push(server.catalog(settings, self.history).await?);
        }
        let last = states.last();
        let left = last.into_iter().flat_map(|last| (self.residue)(last));
        outcome.residue.extend(left.map(|difference| told("after the patches", &difference)));
        for (place, pair) in states.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            outcome.backs.push((self.back)(place, before, after));
        }
        // Back as far as it goes.
        let reach = outcome.backs.iter().rposition(WayBack::is_err).map_or(0, |last| last + 1);
        for back in outcome.backs.iter().skip(reach).rev().flatten() {
            back.apply(settings).await.map_err(|failure| within("the way back", failure))?;
        }
        let now = server.catalog(settings, self.history).await?;
        let found =
            states.get(reach).into_iter().flat_map(|state| differences("after the way back", state, &now));
        outcome.residue.extend(found);
        for patch in self.patches.iter().skip(reach) {
            patch.apply(settings).await.map_err(|failure| within("the second time", failure))?;
        }
        let now = server.catalog(settings, self.history).await?;
        outcome
            .residue
            .extend(last.into_iter().flat_map(|last| differences("after the second time", last, &now)));
        Ok(())
    }
}

fn within(what: &str, failure: ProofFailure) -> ProofFailure {
    ProofFailure { error: failure.error.context(format!("while proving: {what}")), ..failure }
}

fn differences(when: &str, expected: &Catalog, now: &Catalog) -> Vec<Error> {
    let found = compare(expected, now).into_iter().filter(|difference| !difference.is_column_order());
    found.map(|difference| told(when, &difference)).collect()
}

fn told(when: &str, difference: &Difference) -> Error {
    let error = Error::new(embed_migrate_core::ErrorKind::Drift, format!("{when}: {difference}"));
    difference.lines().into_iter().fold(error, Error::note)
}
