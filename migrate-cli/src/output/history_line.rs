use std::fmt;

use embed_migrate_core::{Bundle, FileName, Version};
use embed_migrate_runtime::{HistoryRow, PatchState, PatchStatus};
use serde_json::{Value, json};

/// One patch as `history` shows it: where it comes from, whether it is a head, and what it is about.
pub(crate) struct HistoryLine<'s> {
    pub(crate) patch: &'s PatchStatus,
    /// The version before it, if there is one.
    pub(crate) previous: Option<Version>,
    /// Whether it is the bundle's last patch.
    pub(crate) head: bool,
    /// Whether it is the last one that the database has; `None` if no database was asked.
    pub(crate) current: Option<bool>,
    /// Whether the name of the bundle is needed, because there are several.
    pub(crate) named: bool,
    /// The row of the history, if it was read.
    pub(crate) row: Option<&'s HistoryRow>,
}

impl<'s> HistoryLine<'s> {
    /// The patches of one bundle, the last one first; `asked` says whether the states are those of a database.
    pub(crate) fn all(
        bundle: &Bundle,
        patches: &'s [PatchStatus],
        asked: bool,
        named: bool,
    ) -> Vec<HistoryLine<'s>> {
        let patches: Vec<_> = patches.iter().filter(|patch| patch.bundle == bundle.name()).collect();
        let applied = |patch: &&&PatchStatus| patch.state != PatchState::Pending;
        let current = patches.iter().rev().find(applied).map(|patch| patch.version);
        let mut previous = None;
        let mut lines = Vec::with_capacity(patches.len());
        for patch in patches {
            let version = patch.version;
            lines.push(HistoryLine {
                patch,
                previous,
                head: Some(version) == bundle.head(),
                current: asked.then_some(Some(version) == current),
                named,
                row: None,
            });
            previous = Some(version);
        }
        lines.reverse();
        lines
    }

    pub(crate) fn json(&self) -> Value {
        let PatchStatus { bundle, version, file, state, .. } = self.patch;
        let mut line = json!({
            "bundle": bundle, "version": version.to_string(), "file": file, "title": self.title(),
            "previous": self.previous.map(|version| version.to_string()), "head": self.head,
        });
        let row = self.row.map(row_json);
        if let Some(line) = line.as_object_mut()
            && let Some(current) = self.current
        {
            line.insert("current".to_owned(), current.into());
            line.insert("state".to_owned(), state.as_str().into());
            line.extend(row.map(|row| ("applied".to_owned(), row)));
        }
        line
    }

    /// The slug of the file, as words; the file's name if it has none.
    fn title(&self) -> String {
        let slug = FileName::parse(&self.patch.file).map(|name| name.slug.to_owned()).unwrap_or_default();
        match slug.is_empty() {
            true => self.patch.file.clone(),
            false => slug.replace(['-', '_'], " "),
        }
    }

    fn marks(&self) -> Vec<&'static str> {
        let head = self.head.then_some("head");
        let current = self.current.unwrap_or_default().then_some("current");
        let state = match self.patch.state {
            PatchState::Applied => None,
            PatchState::Pending => self.current.map(|_| "pending"),
            PatchState::Unknown => Some("unknown to this binary"),
            _ => Some("interrupted"),
        };
        head.into_iter().chain(current).chain(state).collect()
    }
}

/// `1.0.0 -> 1.1.0 (head), index study title`, and in the lines after it who applied it and when.
impl fmt::Display for HistoryLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.named {
            write!(f, "{} ", self.patch.bundle)?;
        }
        match self.previous {
            Some(previous) => write!(f, "{previous} -> {}", self.patch.version)?,
            None => write!(f, "<base> -> {}", self.patch.version)?,
        }
        let marks = self.marks();
        if !marks.is_empty() {
            write!(f, " ({})", marks.join(", "))?;
        }
        write!(f, ", {}", self.title())?;
        self.row.map_or(Ok(()), |row| circumstances(f, row))
    }
}

fn circumstances(f: &mut fmt::Formatter<'_>, row: &HistoryRow) -> fmt::Result {
    write!(f, "\n    {}", row.applied.file)?;
    write!(f, "\n    {} {} by {}", origin(row), row.started_at, row.applied_by)?;
    row.elapsed_ms.map_or(Ok(()), |elapsed| write!(f, ", {elapsed} ms"))?;
    row.application.iter().try_for_each(|application| write!(f, ", application {application}"))?;
    row.revision.iter().try_for_each(|revision| write!(f, ", revision {revision}"))?;
    for statement in &row.statements {
        let end = statement.ended_at.as_deref().map_or("no end".to_owned(), |end| format!("ended {end}"));
        write!(f, "\n    statement {}: {}, {end}", statement.number, statement.started_at)?;
        statement.changed.map_or(Ok(()), |rows| write!(f, ", {rows} rows"))?;
    }
    Ok(())
}

fn origin(row: &HistoryRow) -> &'static str {
    match (row.applied.baseline, row.applied.draft) {
        (true, _) => "baseline",
        (false, true) => "ran as a draft",
        (false, false) => "ran",
    }
}

fn row_json(row: &HistoryRow) -> Value {
    let statements = row.statements.iter().map(|statement| {
        json!({
            "number": statement.number, "started_at": statement.started_at, "ended_at": statement.ended_at,
            "changed": statement.changed,
        })
    });
    json!({
        "baseline": row.applied.baseline, "draft": row.applied.draft, "started_at": row.started_at,
        "ended_at": row.ended_at, "elapsed_ms": row.elapsed_ms, "applied_by": row.applied_by,
        "application": row.application, "revision": row.revision, "statements": statements.collect::<Vec<_>>(),
    })
}
