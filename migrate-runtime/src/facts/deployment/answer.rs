use embed_migrate_core::catalog::PRINTING;
use embed_migrate_core::diff::{Answer, Question};
use embed_migrate_core::{Result, quote};
use futures_util::future;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::send::send;
use crate::connection::rows::rows;
use crate::query::failure;

/// Answers a planner's question inside the deployment's transaction.
pub(crate) async fn answer(client: &Client, question: &Question, standby: bool) -> Result<Answer> {
    match question {
        Question::MakeFirst => Ok(Answer::Unknown),
        Question::Value(sql) => asked(client, sql).await,
        Question::Locked { table, query } => {
            let sql = format!(
                "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; {ALL_ROWS}; {query}; RESET row_security"
            );
            asked(client, &sql).await
        }
        Question::Printed { setup, .. } if standby && !setup.is_empty() => Ok(Answer::Unknown),
        Question::Printed { setup, query } => printed(client, setup, query).await,
    }
}

async fn asked(client: &Client, sql: &str) -> Result<Answer> {
    let messages = client.simple_query(sql).await;
    let messages = messages.map_err(|error| {
        failure::own("asking what a fact must know", error).context(format!("while executing: {sql}"))
    })?;
    Ok(Answer::Value(value(&messages)))
}

/// Answers questions that don't depend on each other, in one round trip. What the server refuses does no harm.
///
/// # Errors
///
/// A table can't be locked, or the connection is lost.
pub(crate) async fn ahead(client: &Client, questions: &[Question]) -> Result<Vec<Answer>> {
    let own = |error| failure::own("asking what facts must know", error);
    let tables: Vec<&str> = questions
        .iter()
        .filter_map(|question| match question {
            Question::Locked { table, .. } => Some(table.as_str()),
            _ => None,
        })
        .collect();
    let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "));
    let mut waiting = Vec::new();
    for question in questions {
        let ask = format!("SAVEPOINT migrate_probe;\n{}", text(question));
        // A refusal ends what is sent with it, so that this comes apart.
        waiting.push(async move {
            let asked = client.simple_query(&ask);
            let ended = client.simple_query(END);
            future::join(asked, ended).await
        });
    }
    let locked = async {
        match tables.is_empty() {
            true => Ok(()),
            false => client.simple_query(&lock).await.map(drop),
        }
    };
    let (locked, answered) = future::join(locked, future::join_all(waiting)).await;
    locked.map_err(own)?;
    let mut answers = Vec::new();
    for (asked, ended) in answered {
        ended.map_err(own)?;
        answers.push(match asked {
            Ok(messages) => Answer::Value(value(&messages)),
            Err(error) => refused(error)?,
        });
    }
    Ok(answers)
}

/// What a question asks within a savepoint.
fn text(question: &Question) -> String {
    match question {
        Question::MakeFirst => "SELECT".to_owned(),
        Question::Value(query) => query.clone(),
        Question::Locked { query, .. } => format!("{ALL_ROWS}; {query}"),
        Question::Printed { setup, query } if setup.is_empty() => query.clone(),
        Question::Printed { setup, query } => format!("{};\n{}", setup.join(";\n"), printing(query)),
    }
}

const ALL_ROWS: &str = "SET LOCAL row_security = off";

fn refused(error: tokio_postgres::Error) -> Result<Answer> {
    match error.as_db_error() {
        Some(db) => Ok(Answer::Refused(db.message().to_owned())),
        None => Err(failure::lost(error)),
    }
}

const END: &str = "ROLLBACK TO SAVEPOINT migrate_probe; RELEASE SAVEPOINT migrate_probe";

/// What the server prints depends on settings: it is to print as it does when it is inspected.
fn printing(query: &str) -> String {
    let settings = PRINTING.iter().map(|(name, value)| format!("SET LOCAL {name} = {}; ", quoted(value)));
    settings.chain([query.to_owned()]).collect()
}

/// Runs statements and a query, and rolls them back, in one round trip.
async fn printed(client: &Client, setup: &[String], query: &str) -> Result<Answer> {
    let begin = "SAVEPOINT migrate_probe".to_owned();
    let ask = match setup.is_empty() {
        true => query.to_owned(),
        false => printing(query),
    };
    let messages: Vec<&str> =
        [begin.as_str()].into_iter().chain(setup.iter().map(String::as_str)).chain([ask.as_str()]).collect();
    let sent = send(client, &messages).await;
    client.simple_query(END).await.map_err(|error| failure::own("ending a probe", error))?;
    match sent {
        Ok(answers) => Ok(Answer::Value(answers.last().and_then(|messages| value(messages)))),
        Err((_, error)) => refused(error),
    }
}

/// Each name by itself: in one text, `a, b` would be the name of one schema.
fn quoted(value: &str) -> String {
    value.split(", ").map(quote::literal).collect::<Vec<_>>().join(", ")
}

fn value(messages: &[SimpleQueryMessage]) -> Option<String> {
    rows(messages).next().and_then(|row| row.get(0)).map(str::to_owned)
}
