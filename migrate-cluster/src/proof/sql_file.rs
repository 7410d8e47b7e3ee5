use embed_migrate_core::{Error, ErrorKind, Place, Result};
use embed_migrate_runtime::Settings;
use tokio_postgres::error::ErrorPosition;

/// Runs the SQL of a file in one transaction; `file` is its name in messages. `path` is the search path, if it is not the
/// role's own.
///
/// # Errors
///
/// `Sql`: what the server refuses, at its place where the server tells one. `Connect`: the connection was lost.
#[doc(hidden)]
pub async fn run_sql_file(settings: &Settings, file: &str, text: &str, path: Option<&str>) -> Result<()> {
    let link = settings.connect().await?;
    if let Some(path) = path {
        let refused = |error: tokio_postgres::Error| refused(file, text, error);
        link.client.batch_execute(&format!("SET search_path = {path}")).await.map_err(refused)?;
    }
    link.client.batch_execute(text).await.map_err(|error| refused(file, text, error))
}

/// A file's error, at its place where the server tells one.
fn refused(file: &str, text: &str, error: tokio_postgres::Error) -> Error {
    let Some(server) = error.as_db_error() else {
        return Error::new(ErrorKind::Connect, format!("the connection was lost in `{file}`"))
            .caused_by(error);
    };
    let place = match server.position() {
        // In characters, from 1.
        Some(ErrorPosition::Original(position)) => {
            let before = (*position as usize).saturating_sub(1);
            let offset = text.char_indices().nth(before).map_or(text.len(), |(offset, _)| offset);
            Place::offset(file, text, offset)
        }
        _ => Place::file(file),
    };
    let message = format!("`{file}` fails: {}", server.message());
    let refusal = Error::new(ErrorKind::Sql, message).at(place);
    let refusal = server.detail().into_iter().fold(refusal, Error::note);
    server.hint().into_iter().fold(refusal, Error::note)
}
