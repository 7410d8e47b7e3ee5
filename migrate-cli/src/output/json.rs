//! The values of `--format json`.

use embed_migrate_core::catalog::{Difference, DifferenceKind};
use embed_migrate_core::diff::PlannedChange;
use embed_migrate_core::{BundleHead, Error, Place, redact};
use embed_migrate_runtime::{
    DeployReport, Drift, DryRun, FactsStatus, Notice, PatchStatus, Report, SnapshotOrigin, Status,
};
use serde_json::{Value, json};

/// The patches of a database, and of the nodes beside it, by name.
pub(crate) fn status(all: &[(Option<&str>, Status)]) -> Value {
    let lines =
        all.iter().flat_map(|(node, status)| status.patches.iter().map(|status| patch(*node, status)));
    let problems = all.iter().filter_map(|(_, status)| status.problem.as_ref());
    let facts = all.iter().flat_map(|(node, status)| status.facts.iter().map(|line| facts(*node, line)));
    let notes = all.iter().flat_map(|(_, status)| &status.notes);
    json!({
        "patches": lines.collect::<Vec<_>>(),
        "facts": facts.collect::<Vec<_>>(),
        "notes": notes.collect::<Vec<_>>(),
        "problems": problems.flat_map(Error::iter).map(problem).collect::<Vec<_>>(),
    })
}

fn patch(node: Option<&str>, PatchStatus { bundle, version, file, state, .. }: &PatchStatus) -> Value {
    let mut line =
        json!({ "bundle": bundle, "version": version.to_string(), "file": file, "state": state.as_str() });
    if let (Some(node), Some(line)) = (node, line.as_object_mut()) {
        line.insert("node".to_owned(), node.into());
    }
    line
}

/// The facts of one bundle.
pub(crate) fn facts_line(line: &FactsStatus) -> Value {
    facts(None, line)
}

fn facts(node: Option<&str>, line: &FactsStatus) -> Value {
    let FactsStatus { bundle, revision, deployed, state, .. } = line;
    let mut line =
        json!({ "bundle": bundle, "revision": revision, "deployed": deployed, "state": state.as_str() });
    if let Some(node) = node {
        insert(&mut line, "node", node.into());
    }
    line
}

pub(crate) fn deployed(deployed: &DeployReport, rolled_back: bool) -> Value {
    let change = |change: &PlannedChange| {
        json!({
            "action": change.action.to_string(),
            "object": change.object,
            "sql": redact(&change.sql),
            "hazards": change.hazards.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "fact": change.fact,
            "place": format!("{}:{}:{}", change.place.path(), change.place.line(), change.place.column()),
        })
    };
    json!({
        "changes": deployed.changes.iter().map(change).collect::<Vec<_>>(),
        "after": deployed.after.iter().map(change).collect::<Vec<_>>(),
        "submitted": deployed.submitted,
        "inserted": deployed.inserted,
        "updated": deployed.updated,
        "deleted": deployed.deleted,
        "rolled_back": rolled_back,
    })
}

pub(crate) fn report(report: &Report) -> Value {
    let bundles = report.bundles.iter().map(|BundleHead { bundle, head, ahead, .. }| {
        json!({ "bundle": bundle, "head": head.map(|head| head.to_string()), "ahead": ahead })
    });
    json!({
        "applied": report.applied.iter().map(done).collect::<Vec<_>>(),
        "facts": report.facts.iter().map(|done| {
            json!({ "bundle": done.bundle, "revision": done.revision, "summary": done.summary })
        }).collect::<Vec<_>>(),
        "left": report.left.iter().map(done).collect::<Vec<_>>(),
        "bundles": bundles.collect::<Vec<_>>(),
        "notes": report.notes,
        "elapsed_ms": u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}

pub(crate) fn dry_run(run: &DryRun) -> Value {
    let tried = run.tried.iter().map(|(patch, sql)| {
        let mut value = done(patch);
        if let Value::Object(object) = &mut value {
            object.insert("sql".to_owned(), json!(redact(sql)));
        }
        value
    });
    json!({
        "tried": tried.collect::<Vec<_>>(),
        "facts": run.facts.iter().map(|(bundle, sql)| json!({ "bundle": bundle, "sql": sql.iter().map(|sql| redact(sql)).collect::<Vec<_>>() })).collect::<Vec<_>>(),
        "untried": run.untried.iter().map(done).collect::<Vec<_>>(),
        "changes": run.changes,
        "notes": run.notes,
    })
}

/// The drift of a database, and under `nodes` that of the nodes beside it, if there are any.
pub(crate) fn drifts(here: &Drift, nodes: &[(&str, Drift)]) -> Value {
    let mut value = drift(here);
    let named = |(node, of): &(&str, Drift)| {
        let mut value = drift(of);
        insert(&mut value, "node", (*node).into());
        value
    };
    if !nodes.is_empty() {
        insert(&mut value, "nodes", nodes.iter().map(named).collect());
    }
    value
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(object) = object {
        object.insert(name.to_owned(), value);
    }
}

fn drift(drift: &Drift) -> Value {
    let Drift { patches, facts, catalog, from_scratch, since, unknown, .. } = drift;
    json!({
        "patches": patches.iter().map(problem).collect::<Vec<_>>(),
        "facts": facts.iter().map(problem).collect::<Vec<_>>(),
        "catalog": catalog.iter().map(difference).collect::<Vec<_>>(),
        "since": since.as_ref().map(|SnapshotOrigin { at, by, application, revision, server, .. }| {
            json!({ "at": at, "by": by, "application": application, "revision": revision, "server": server })
        }),
        "from_scratch": from_scratch,
        "unknown": unknown.as_ref().map(problem),
    })
}

fn difference(difference: &Difference) -> Value {
    let Difference { object, kind, fix, .. } = difference;
    let (aspect, before, after) = match kind {
        DifferenceKind::Changed { aspect, before, after } => (Some(*aspect), before.as_ref(), after.as_ref()),
        _ => (None, None, None),
    };
    json!({
        "kind": object.kind,
        "name": object.name,
        "change": kind.as_str(),
        "aspect": aspect,
        "before": before.map(|text| redact(text)),
        "after": after.map(|text| redact(text)),
        "fix": fix.iter().map(|sql| redact(sql)).collect::<Vec<_>>(),
    })
}

pub(crate) fn errors(error: &Error) -> Value {
    json!({ "errors": error.iter().map(problem).collect::<Vec<_>>() })
}

pub(crate) fn notice(notice: &Notice) -> Value {
    let Notice { bundle, version, file, place: at, severity, code, message, detail, hint, .. } = notice;
    json!({
        "bundle": bundle,
        "version": version.map(|version| version.to_string()),
        "file": file,
        "place": at.as_ref().map(place),
        "severity": severity,
        "code": code,
        "message": message,
        "detail": detail,
        "hint": hint,
    })
}

fn done(PatchStatus { bundle, version, file, .. }: &PatchStatus) -> Value {
    json!({ "bundle": bundle, "version": version.to_string(), "file": file })
}

fn problem(error: &Error) -> Value {
    json!({
        "kind": error.kind().as_str(),
        "message": error.message(),
        "place": error.place().map(place),
        "notes": error.notes(),
        "contexts": error.contexts(),
        "applied": error.already_applied(),
        "help": error.advice(),
    })
}

fn place(place: &Place) -> Value {
    match place.line() {
        0 => json!({ "file": place.path() }),
        line => json!({ "file": place.path(), "line": line, "column": place.column() }),
    }
}
