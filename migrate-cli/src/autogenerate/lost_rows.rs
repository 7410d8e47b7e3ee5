use embed_migrate_core::autogenerate::Loss;
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Settings;

/// Refuses patches that lose rows; with a database, says how many.
pub(crate) async fn refuse(losses: &[Loss], live: Option<&Settings>) -> Result<()> {
    let mut told = Vec::new();
    for loss in losses {
        let count = match live {
            Some(live) => Some(count(loss, live).await?),
            None => None,
        };
        if count != Some(0) {
            told.push(loss.told(count));
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Stopped, "the patch would lose rows");
    let error = told.into_iter().fold(error, Error::note);
    Err(error.note("nothing was written").help("if they may go, `--allow-loss` writes it"))
}

async fn count(loss: &Loss, live: &Settings) -> Result<i64> {
    let link = live.connect().await?;
    let row = link.client.query_one(&loss.count(), &[]).await.map_err(|error| {
        let why = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
        Error::new(ErrorKind::Sql, format!("the rows that would be lost can't be counted: {why}"))
            .caused_by(error)
    })?;
    Ok(row.get(0))
}
