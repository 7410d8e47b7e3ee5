use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use deadpool_postgres::Pool;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::problem::Problem;
use crate::study;

/// Who takes part in a study, by the code that the study gives.
#[derive(Serialize)]
pub(crate) struct Participant {
    code: String,
    site: String,
    birth_year: i32,
    enrolled_at: String,
}

/// Who is to take part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewParticipant {
    code: String,
    site: String,
    birth_year: i32,
}

/// `$1` is the study's code.
const SELECT: &str = "\
SELECT participant.code, site.code AS site, birth_year, \
       to_char(enrolled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS enrolled_at \
  FROM participant \
  JOIN study ON study.id = study_id AND study.code = $1 \
  JOIN site ON site.id = site_id";

/// A site that does not exist leaves null, which the schema refuses.
const INSERT: &str = "\
WITH participant AS ( \
    INSERT INTO participant (study_id, code, site_id, birth_year) \
    SELECT study.id, $2, (SELECT site.id FROM site WHERE site.code = $3), $4 \
      FROM study \
     WHERE study.code = $1 \
    RETURNING * \
)";

pub(crate) async fn list(
    State(pool): State<Pool>,
    Path(study): Path<String>,
) -> Result<Json<Vec<Participant>>, Problem> {
    let client = pool.get().await?;
    study::require(&client, &study).await?;
    let sql = format!("{SELECT} ORDER BY participant.code");
    let select = client.prepare_cached(&sql).await?;
    let rows = client.query(&select, &[&study]).await?;
    Ok(Json(rows.iter().map(Participant::from).collect()))
}

pub(crate) async fn enrol(
    State(pool): State<Pool>,
    Path(study): Path<String>,
    body: Result<Json<NewParticipant>, JsonRejection>,
) -> Result<(StatusCode, Json<Participant>), Problem> {
    let Json(NewParticipant { code, site, birth_year }) = body?;
    let client = pool.get().await?;
    study::require(&client, &study).await?;
    let insert = client.prepare_cached(&format!("{INSERT} {SELECT}")).await?;
    let row = client.query_one(&insert, &[&study, &code, &site, &birth_year]).await?;
    Ok((StatusCode::CREATED, Json(Participant::from(&row))))
}

impl From<&Row> for Participant {
    fn from(row: &Row) -> Participant {
        Participant {
            code: row.get("code"),
            site: row.get("site"),
            birth_year: row.get("birth_year"),
            enrolled_at: row.get("enrolled_at"),
        }
    }
}
