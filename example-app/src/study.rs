use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use deadpool_postgres::Pool;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::problem::Problem;

/// A study, and how far it has come.
#[derive(Serialize)]
pub(crate) struct Study {
    code: String,
    title: String,
    phase: Option<i16>,
    target: i32,
    closed: bool,
    enrolled: i32,
}

/// A study that is to be opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStudy {
    code: String,
    title: String,
    phase: Option<i16>,
    target: i32,
}

const SELECT: &str = "SELECT code, title, phase, target, closed, enrolled FROM study_progress";

pub(crate) async fn list(State(pool): State<Pool>) -> Result<Json<Vec<Study>>, Problem> {
    let client = pool.get().await?;
    let select = client.prepare_cached(&format!("{SELECT} ORDER BY code")).await?;
    let rows = client.query(&select, &[]).await?;
    Ok(Json(rows.iter().map(Study::from).collect()))
}

pub(crate) async fn show(State(pool): State<Pool>, Path(code): Path<String>) -> Result<Json<Study>, Problem> {
    let client = pool.get().await?;
    let select = client.prepare_cached(&format!("{SELECT} WHERE code = $1")).await?;
    let row = client.query_opt(&select, &[&code]).await?;
    row.map(|row| Json(Study::from(&row))).ok_or_else(|| Problem::missing(format!("study `{code}`")))
}

pub(crate) async fn create(
    State(pool): State<Pool>,
    body: Result<Json<NewStudy>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(NewStudy { code, title, phase, target }) = body?;
    let client = pool.get().await?;
    let insert = client
        .prepare_cached("INSERT INTO study (code, title, phase, target) VALUES ($1, $2, $3, $4)")
        .await?;
    client.execute(&insert, &[&code, &title, &phase, &target]).await?;
    let location = [(header::LOCATION, format!("/studies/{code}"))];
    let study = Study { code, title, phase, target, closed: false, enrolled: 0 };
    Ok((StatusCode::CREATED, location, Json(study)))
}

/// Refuses a study that does not exist, so that a list of it is not merely empty.
pub(crate) async fn require(client: &deadpool_postgres::Client, code: &str) -> Result<(), Problem> {
    let select = client.prepare_cached("SELECT FROM study WHERE code = $1").await?;
    match client.query_opt(&select, &[&code]).await? {
        Some(_) => Ok(()),
        None => Err(Problem::missing(format!("study `{code}`"))),
    }
}

impl From<&Row> for Study {
    fn from(row: &Row) -> Study {
        Study {
            code: row.get("code"),
            title: row.get("title"),
            phase: row.get("phase"),
            target: row.get("target"),
            closed: row.get("closed"),
            enrolled: row.get("enrolled"),
        }
    }
}
