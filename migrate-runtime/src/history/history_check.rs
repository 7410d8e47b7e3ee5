//! Whether the history's tables say the same: the rows of `patch`, the records that sum them up in `bundle`, and the rows of
//! `statement`.
//!
//! A run writes them together, so they differ only if somebody changed one by hand. A boot relies on the records.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use embed_migrate_core::HISTORY_BUNDLE;
use embed_migrate_core::{
    Applied, Bundle, Checksum, Error, ErrorKind, History, MinApp, Patch, Plan, Version, quote,
};

use super::schema::HistorySchema;
use super::statement_row::StatementRow;
use crate::history::records::bundle_record::BundleRecord;
use crate::history::records::patches_record::{INTERRUPTED, PatchesRecord};

/// What is compared.
pub(crate) struct HistoryCheck<'a> {
    pub(crate) schema: &'a HistorySchema,
    pub(crate) history: &'a History,
    pub(crate) recorded: &'a [BundleRecord],
    pub(crate) statements: &'a [StatementRow],
}

impl HistoryCheck<'_> {
    /// Contradictions for these bundles; `plan` is what remains to be done, if that is known.
    pub(crate) fn problems(&self, bundles: &[&Bundle], plan: Option<&Plan<'_>>) -> Vec<Error> {
        // A first run that broke off leaves rows without a record, also those of the history's own patches.
        let pending = plan.is_none_or(|plan| !plan.is_empty());
        let (own, others): (Vec<_>, Vec<_>) =
            bundles.iter().partition(|bundle| bundle.name() == HISTORY_BUNDLE);
        let found = |bundles: Vec<&&Bundle>| {
            bundles.into_iter().filter_map(|bundle| self.of_bundle(bundle, pending)).collect::<Vec<_>>()
        };
        let mut of_bundles = found(others);
        // Its record counts the rows of all bundles: if another one is wrong, so is this.
        if of_bundles.is_empty() {
            of_bundles = found(own);
        }
        self.chain().into_iter().chain(of_bundles).chain(self.of_statements(bundles)).collect()
    }

    /// Positions count on from 1, each row naming the one before it.
    fn chain(&self) -> Option<Error> {
        let positions: Vec<_> = self.history.applied.iter().map(|row| row.position).collect();
        let before = [0].into_iter().chain(positions.iter().copied());
        let gaps = before.zip(&positions).filter(|(before, position)| before + 1 < **position);
        let gaps: Vec<_> = gaps.map(|(before, position)| before + 1..=position - 1).collect();
        if gaps.is_empty() {
            return None;
        }
        let table = format!("{}.patch", self.schema.name);
        let error = gaps.iter().map(of_positions).fold(
            Error::new(ErrorKind::Record, format!("rows are missing from the history: `{table}` has gaps")),
            Error::note,
        );
        Some(error.help(format!("somebody deleted them by hand: restore them from a backup of `{table}`")))
    }

    fn of_bundle(&self, bundle: &Bundle, pending: bool) -> Option<Error> {
        let mut records = self.recorded.iter().filter(|recorded| recorded.name == bundle.name());
        let rows: Vec<_> = self.history.of(bundle.name()).collect();
        let findings = match (records.next(), records.next()) {
            (None, _) if rows.is_empty() || pending => return None,
            (None, _) => return Some(self.unrecorded(bundle, &rows)),
            (Some(_), Some(_)) => vec![format!("`{}.bundle` has two records of it", self.schema.name)],
            (Some(recorded), None) => self.findings(bundle, &rows, recorded),
        };
        if findings.is_empty() {
            return None;
        }
        let message =
            format!("the history and the record of bundle `{}` contradict each other", bundle.name());
        let error = findings.into_iter().fold(Error::new(ErrorKind::Record, message), Error::note);
        Some(error.help(self.advice(bundle)))
    }

    fn unrecorded(&self, bundle: &Bundle, rows: &[&Applied]) -> Error {
        let (schema, name, count) = (&self.schema.name, bundle.name(), rows.len());
        let message =
            format!("the record of bundle `{name}` is missing, and the history has {count} of its patches");
        Error::new(ErrorKind::Record, message)
            .note(format!(
                "somebody deleted it from `{schema}.bundle`, or a run was interrupted before it was written"
            ))
            .help("the next run writes it: `cargo migrate up`, or boot")
    }

    fn advice(&self, bundle: &Bundle) -> String {
        format!(
            "somebody changed a table by hand: restore `{}.patch` from a backup where that is wrong; then, or where it is right, \
             have the next run make the record anew:\n\
             UPDATE {}.bundle SET patches = '{INTERRUPTED}' || patches WHERE name = {};\n\
             it applies the patches that have no row",
            self.schema.name,
            self.schema.quoted,
            quote::literal(bundle.name())
        )
    }

    fn findings(&self, bundle: &Bundle, rows: &[&Applied], recorded: &BundleRecord) -> Vec<String> {
        let Some(patches) = recorded.patches() else { return Vec::new() };
        // A run is active, or was interrupted: meanwhile the record shows nothing.
        if patches.interrupted {
            return Vec::new();
        }
        let lost = lost(bundle, rows, patches);
        let mut found: Vec<_> = lost
            .iter()
            .map(|patch| {
                format!(
                    "the record has patch `{}` ({}), and the history has no row of it",
                    patch.version(),
                    patch.file()
                )
            })
            .collect();
        found.extend(self.beyond(rows, recorded, patches));
        found.extend(rows.iter().filter(|row| !row.ended).map(|row| {
            format!("the row of patch `{}` has no end, but the record has no unfinished patch", row.version)
        }));
        if found.is_empty() {
            found.extend(ends(rows, patches));
        }
        found.extend(changed(bundle, rows, patches));
        found
    }

    /// What the history has and the record doesn't, and the other way round, by positions.
    fn beyond(&self, rows: &[&Applied], recorded: &BundleRecord, patches: &PatchesRecord) -> Vec<String> {
        let Some(position) = recorded.position.filter(|position| *position > 0) else { return Vec::new() };
        let later = rows.iter().filter(|row| row.position > position).map(|row| {
            format!(
                "the history has a row of patch `{}`, and the record, which is older, has not",
                row.version
            )
        });
        let last = self.history.last();
        let earlier = (position > last && patches.head.is_some())
            .then(|| format!("the record is of {position} rows of the history, and there are {last}"));
        later.chain(earlier).collect()
    }

    /// The rows of statements belong to patches of kind concurrent, one for each, with an end if the patch has one.
    fn of_statements(&self, bundles: &[&Bundle]) -> Option<Error> {
        let mut numbers: BTreeMap<i64, Vec<&StatementRow>> = BTreeMap::new();
        self.statements.iter().for_each(|stated| numbers.entry(stated.position).or_default().push(stated));
        let row = |position| self.history.applied.iter().find(move |row| row.position == position);
        let last = self.history.last();
        let findings =
            numbers.iter().filter(|(position, _)| **position <= last).filter_map(|(position, stated)| {
                match row(*position) {
                    None => Some(format!(
                        "there are statements of the patch at position {position}, and it has no row"
                    )),
                    Some(row) if !row.ended => None,
                    Some(row) => {
                        let patch = bundles.iter().find(|bundle| bundle.name() == row.bundle);
                        of_patch(row, stated, patch.and_then(|bundle| bundle.patch(row.version)))
                    }
                }
            });
        let findings: Vec<_> = findings.collect();
        if findings.is_empty() {
            return None;
        }
        let table = format!("{}.statement", self.schema.name);
        let message = format!("the history and its statements, in `{table}`, contradict each other");
        let error = findings.into_iter().fold(Error::new(ErrorKind::Record, message), Error::note);
        Some(error.help(format!(
            "somebody changed a table by hand: restore it from a backup. A run reads `{table}` only for a patch that has no \
             end, so wrong rows of other patches do no harm"
        )))
    }
}

fn of_positions(gap: &RangeInclusive<i64>) -> String {
    match gap.start() == gap.end() {
        true => format!("there is none at position {}", gap.start()),
        false => format!("there is none at positions {} to {}", gap.start(), gap.end()),
    }
}

/// The patches that the record has, as it sums up to what the bundle does there, and the history has no row of.
fn lost<'b>(bundle: &'b Bundle, rows: &[&Applied], patches: &PatchesRecord) -> Vec<&'b Patch> {
    let Some(head) = patches.head.filter(|head| bundle.digest_at(*head) == patches.digest) else {
        return Vec::new();
    };
    let stood_for = rows.iter().filter(|row| row.baseline).map(|row| row.version).max().max(bundle.floor());
    let is_lost = |patch: &&Patch| {
        let within = Some(patch.version()) > stood_for && patch.version() <= head;
        within && rows.iter().all(|row| row.version != patch.version())
    };
    let baseline = bundle.baseline().filter(|_| rows.is_empty());
    // A baseline hides what is below it, if it created the database.
    match baseline {
        Some(baseline) => vec![baseline],
        None => bundle.patches().iter().filter(is_lost).collect(),
    }
}

/// Where both end, and which binaries they admit.
fn ends(rows: &[&Applied], patches: &PatchesRecord) -> Vec<String> {
    let head = rows.iter().filter(|row| row.ended).map(|row| row.version).max();
    let shown =
        |version: Option<Version>| version.map_or("nowhere".to_owned(), |version| format!("at `{version}`"));
    let min_app = rows.iter().map(|row| row.min_app).max().unwrap_or(MinApp::Any);
    let ends = (head != patches.head)
        .then(|| format!("the record ends {}, and the history {}", shown(patches.head), shown(head)));
    let admits = (head.is_some() && min_app != patches.min_app).then(|| {
        format!(
            "the record admits binaries from `{}` on, and the history from `{min_app}` on",
            patches.min_app
        )
    });
    ends.into_iter().chain(admits).collect()
}

/// What was changed in rows, or in the record: both are sums of the same tokens. If an edit was accepted or a baseline
/// squashed patches, a record of another release may rightly be another sum.
fn changed(bundle: &Bundle, rows: &[&Applied], patches: &PatchesRecord) -> Vec<String> {
    let Some(head) = patches.head else { return Vec::new() };
    if bundle.digest_at(head) == patches.digest {
        let differs = |row: &&&Applied| {
            let patch = bundle.patch(row.version).filter(|_| !row.baseline);
            patch.is_some_and(|patch| {
                (patch.tokens() != row.tokens && !bundle.accepts(row.version, row.tokens, patch.tokens()))
                    || patch.kind() != row.kind
            })
        };
        let shown = |row: &&Applied| {
            format!(
                "the row of patch `{}` is of another patch than the record and this binary have",
                row.version
            )
        };
        return rows.iter().filter(differs).map(shown).collect();
    }
    let plain = bundle.accepted_edits().is_empty()
        && bundle.baseline().is_none()
        && rows.iter().all(|row| !row.baseline);
    let known = rows.iter().all(|row| bundle.patch(row.version).is_some());
    let differs = plain && known && sum(rows) != patches.digest;
    differs.then(|| "the record sums up other patches than the history has".to_owned()).into_iter().collect()
}

fn sum(rows: &[&Applied]) -> Checksum {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.version);
    let lines: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row.version, row.kind, row.tokens)).collect();
    Checksum::of(lines.join("\n"))
}

/// What is wrong with the statements of a patch that has its end.
fn of_patch(row: &Applied, stated: &[&StatementRow], patch: Option<&Patch>) -> Option<String> {
    let Applied { version, bundle, .. } = row;
    let whole = stated.iter().zip(1..).all(|(stated, number)| stated.number == number);
    let patch = patch.filter(|patch| patch.checksum() == row.checksum && !row.draft);
    let texts = patch.map(|patch| {
        let texts = patch
            .outline()
            .statements()
            .map(|one| patch.text().get(one.range).unwrap_or_default().to_owned());
        texts.map(Checksum::of).collect::<Vec<_>>()
    });
    let wrong = if !whole || texts.as_ref().is_some_and(|texts| texts.len() != stated.len()) {
        "not all of its statements have a row"
    } else if stated.iter().any(|stated| !stated.ended) {
        "a statement of it has no end"
    } else if texts
        .is_some_and(|texts| texts.iter().zip(stated).any(|(text, stated)| *text != stated.checksum))
    {
        "a statement of it is another one than the patch has"
    } else {
        return None;
    };
    Some(format!("patch `{version}` of `{bundle}` has its end, and {wrong}"))
}
