use std::time::Duration;

use axum::Router;
use axum::routing::{get, put};
use deadpool_postgres::Pool;
use embed_migrate::{Error, ErrorKind, Result};
use tokio::net::TcpListener;

use crate::say::say;
use crate::stop::Stop;
use crate::{health, participant, study, visit};

/// How long requests may take to end once we are asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until we are asked to stop and the last request is answered.
pub(crate) async fn serve(pool: Pool, listen: &str, stop: &Stop) -> Result<()> {
    let refused = |error: std::io::Error| {
        Error::new(ErrorKind::Unsupported, format!("can't serve on `{listen}`: {error}")).caused_by(error)
    };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    say(format_args!("listening on http://{}", listener.local_addr().map_err(refused)?));
    let server = axum::serve(listener, router(pool)).with_graceful_shutdown(stop.clone().requested());
    tokio::select! {
        served = server => served.map_err(refused),
        () = overdue(stop.clone()) => Ok(()),
    }
}

async fn overdue(stop: Stop) {
    stop.requested().await;
    tokio::time::sleep(GRACE).await;
}

fn router(pool: Pool) -> Router {
    Router::new()
        .route("/healthz", get(health::show))
        .route("/studies", get(study::list).post(study::create))
        .route("/studies/{study}", get(study::show))
        .route("/studies/{study}/participants", get(participant::list).post(participant::enrol))
        .route("/studies/{study}/participants/{participant}/visits", get(visit::list))
        .route("/studies/{study}/participants/{participant}/visits/{kind}", put(visit::record))
        .with_state(pool)
}
