use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use deadpool_postgres::Pool;
use migrate::{ErrorKind, Line, State as PatchState, Status, Version};
use serde_json::{Value, json};

use crate::boot::migrator;

/// Whether the database can be reached, and where each bundle stands in it.
pub(crate) async fn show(State(pool): State<Pool>) -> (StatusCode, Json<Value>) {
    match migrator().status(&pool).await {
        Ok(status) => (StatusCode::OK, Json(healthy(&status))),
        Err(error) => {
            let reachable = error.kind() != ErrorKind::Connect;
            let body = json!({ "status": "failing", "database": reachable, "problem": error.message() });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

// A problem is told and does not fail the check: the service was fit when it booted, and killing it helps nobody.
fn healthy(status: &Status) -> Value {
    let bundles: Vec<Value> = migrator().bundles().iter().map(|bundle| stand(status, &bundle.name)).collect();
    let problem = status.problem.as_ref().map(|problem| problem.message());
    json!({ "status": "ok", "database": true, "bundles": bundles, "problem": problem })
}

fn stand(status: &Status, bundle: &str) -> Value {
    let lines: Vec<&Line> = status.lines.iter().filter(|line| line.bundle == bundle).collect();
    let there = lines.iter().filter(|line| line.state != PatchState::Pending);
    let head: Option<Version> = there.map(|line| line.version).max();
    json!({
        "bundle": bundle,
        "head": head.map(|head| head.to_string()),
        "ahead": lines.iter().any(|line| line.state == PatchState::Unknown),
        "pending": lines.iter().filter(|line| line.state == PatchState::Pending).count(),
    })
}
