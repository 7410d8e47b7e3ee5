use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deadpool_postgres::Pool;
use embed_migrate::{ErrorKind, PatchState, PatchStatus, Result, Status, Version};
use serde_json::{Value, json};

use crate::boot::migrator;

/// Whether the database can be reached, and how far each bundle is applied.
pub(crate) async fn show(State(pool): State<Pool>) -> (StatusCode, Json<Value>) {
    match health(&pool).await {
        Ok(body) => (StatusCode::OK, Json(body)),
        Err(error) => {
            let out = [ErrorKind::Connect, ErrorKind::Login, ErrorKind::NotFound];
            let reachable = !out.contains(&error.kind());
            let body = json!({ "status": "failing", "database": reachable, "problem": error.message() });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

/// One round trip if nothing is to be done; the whole history only if there is more to report.
async fn health(pool: &Pool) -> Result<Value> {
    let Some(heads) = migrator().up_to_date(pool).await? else {
        return Ok(healthy(&migrator().status(pool).await?));
    };
    let bundles: Vec<Value> =
        heads.iter().map(|head| position(&head.bundle, head.head, head.ahead, 0)).collect();
    Ok(json!({ "status": "ok", "database": true, "bundles": bundles, "problem": null }))
}

// A problem is reported and does not fail the check: the service worked when it booted, and stopping it would not help.
fn healthy(status: &Status) -> Value {
    let bundles: Vec<Value> =
        migrator().bundles().iter().map(|bundle| counted(status, bundle.name())).collect();
    let problem = status.problem.as_ref().map(|problem| problem.message());
    json!({ "status": "ok", "database": true, "bundles": bundles, "problem": problem })
}

fn counted(status: &Status, bundle: &str) -> Value {
    let patches: Vec<&PatchStatus> = status.patches.iter().filter(|patch| patch.bundle == bundle).collect();
    let there = patches.iter().filter(|patch| patch.state != PatchState::Pending);
    let head: Option<Version> = there.map(|patch| patch.version).max();
    let ahead = patches.iter().any(|patch| patch.state == PatchState::Unknown);
    let pending = patches.iter().filter(|patch| patch.state == PatchState::Pending).count();
    position(bundle, head, ahead, pending)
}

fn position(bundle: &str, head: Option<Version>, ahead: bool, pending: usize) -> Value {
    let head = head.map(|head| head.to_string());
    json!({ "bundle": bundle, "head": head, "ahead": ahead, "pending": pending })
}
