use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use deadpool_postgres::{Client, Pool};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// A visit that a participant made.
#[derive(Serialize)]
pub(crate) struct Visit {
    kind: String,
    title: String,
    made_on: String,
}

/// When it was made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVisit {
    made_on: String,
}

pub(crate) async fn list(
    State(pool): State<Pool>,
    Path((study, code)): Path<(String, String)>,
) -> Result<Json<Vec<Visit>>, Problem> {
    let client = pool.get().await?;
    let participant = participant(&client, &study, &code).await?;
    let select = client
        .prepare_cached(
            "SELECT visit_kind.code, visit_kind.title, visit.made_on::text
             FROM visit
             JOIN visit_kind ON visit_kind.id = visit.kind_id
             WHERE visit.participant_id = $1
             ORDER BY visit.made_on, visit_kind.day",
        )
        .await?;
    let rows = client.query(&select, &[&participant]).await?;
    let visit =
        |row: &tokio_postgres::Row| Visit { kind: row.get(0), title: row.get(1), made_on: row.get(2) };
    Ok(Json(rows.iter().map(visit).collect()))
}

pub(crate) async fn record(
    State(pool): State<Pool>,
    Path((study, code, kind)): Path<(String, String, String)>,
    body: Result<Json<NewVisit>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(NewVisit { made_on }) = body?;
    let client = pool.get().await?;
    let participant = participant(&client, &study, &code).await?;
    let insert = client
        .prepare_cached(
            "INSERT INTO visit (participant_id, kind_id, made_on)
             VALUES ($1, (SELECT id FROM visit_kind WHERE code = $2), $3::text::date)
             ON CONFLICT (participant_id, kind_id) DO UPDATE SET made_on = EXCLUDED.made_on",
        )
        .await?;
    client.execute(&insert, &[&participant, &kind, &made_on]).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn participant(client: &Client, study: &str, code: &str) -> Result<i64, Problem> {
    let select = client
        .prepare_cached(
            "SELECT participant.id
             FROM participant
             JOIN study ON study.id = participant.study_id
             WHERE study.code = $1 AND participant.code = $2",
        )
        .await?;
    let row = client.query_opt(&select, &[&study, &code]).await?;
    row.map(|row| row.get(0))
        .ok_or_else(|| Problem::missing(format!("participant `{code}` in study `{study}`")))
}
