use embed_migrate_core::diff::PlannedChange;
use embed_migrate_core::{Error, Result, quote};

use crate::facts::fact_failure;
use crate::pipeline::outside_transaction::{OutsideTransaction, StatementFailure};
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::trust::untrusted_search::refusing;

/// Does what is left for after a transaction: each statement by itself, for CONCURRENTLY needs that.
///
/// One that fails leaves an index that is not valid, or a check that is not validated: the next deployment sees that
/// in the catalog, and makes it again. Before each, it looks again whose objects are used: the statement before may have taken
/// long.
pub(crate) async fn finish(outside: OutsideTransaction<'_>, changes: &[PlannedChange]) -> Result<()> {
    let words: Vec<&str> = changes.iter().map(|change| change.sql.as_str()).collect();
    let check = refusing(outside.options, &quote::literal(&words.join("\n")));
    let outside = OutsideTransaction { settings: format!("{}{check}", outside.settings), ..outside };
    for change in changes {
        outside.options.tell(&Event::statement(&change.sql));
        let run = outside.run(&change.sql).await;
        let run = run.map_err(|error| open(change, failure::own("setting the session", error)))?;
        run.map_err(|StatementFailure { error, blockers }| {
            let held = |error: Error, holder| error.note(format!("the lock is held by {holder}"));
            let error = match error {
                QueryError::Refused(error) => fact_failure::fact(&change.sql, error),
                late => failure::own("waiting for the server", late),
            };
            open(change, blockers.iter().fold(error, held))
        })?;
    }
    Ok(())
}

fn open(change: &PlannedChange, error: Error) -> Error {
    error
        .at(change.place.clone())
        .context(format!("while deploying the {} fact, after the transaction", change.fact))
        .note("the transaction is committed; only this step is not done")
        .help("remove the cause, and deploy again")
}
