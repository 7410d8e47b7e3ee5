use deadpool_postgres::Pool;
use embed_migrate::{Bundle, Event, Migrator, Result, embed_migrations};

use crate::database::Database;
use crate::say::say;

/// What this binary expects of its database, checked when it was built.
static MIGRATIONS: Bundle = embed_migrations!("../migrations");

/// How this application migrates: at boot and by hand.
pub(crate) fn migrator() -> Migrator<'static> {
    Migrator::new([&MIGRATIONS]).with(|options| options.application = Some("example-app".into()))
}

/// Brings the database to what the binary expects, and gives connections to it.
pub(crate) async fn boot(database: &Database) -> Result<Pool> {
    say(format_args!("database {}", database.settings));
    let pool = database.settings.pool(16)?;
    let report = migrator().progress(tell).run(&pool).await?;
    for facts in &report.facts {
        say(format_args!("facts {} of {}: {}", facts.revision, facts.bundle, facts.summary));
    }
    for note in &report.notes {
        say(format_args!("note: {note}"));
    }
    for bundle in &report.bundles {
        let head = bundle.head.map_or("empty".to_owned(), |head| format!("at {head}"));
        say(format_args!("{} is {head}, {} applied", bundle.bundle, report.applied.len()));
    }
    Ok(pool)
}

/// What happens. The SQL of facts is shown on request: `example-app migrate deploy --debug`.
fn tell(event: &Event) {
    if !matches!(event, Event::Statement { .. }) {
        say(event);
    }
}
