use migrate_core::Result;
use migrate_core::catalog::PRINTING;
use migrate_core::diff::{Answer, Question};
use migrate_core::quote;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::send::send;
use crate::failure;
use crate::history::rows;

/// Answers a planner's question inside the deployment's transaction.
pub(crate) async fn answer(client: &Client, question: &Question, standby: bool) -> Result<Answer> {
    match question {
        Question::Made => Ok(Answer::Unknown),
        Question::Value(sql) => {
            let messages = client.simple_query(sql).await;
            let messages = messages.map_err(|error| {
                failure::own("asking what a fact must know", error).context(format!("while executing: {sql}"))
            })?;
            Ok(Answer::Value(value(&messages)))
        }
        Question::Printed { setup, .. } if standby && !setup.is_empty() => Ok(Answer::Unknown),
        Question::Printed { setup, query } => printed(client, setup, query).await,
    }
}

/// Answers questions that don't depend on each other, in one round trip.
pub(crate) async fn ahead(client: &Client, questions: &[Question]) -> Result<Vec<Answer>> {
    let mut waiting = Vec::new();
    for question in questions {
        let Question::Printed { setup, query } = question else { continue };
        let ask = format!("SAVEPOINT migrate_probe;\n{};\n{}", setup.join(";\n"), printing(query));
        // A refusal ends what is sent with it, so that this comes apart.
        waiting.push(async move {
            let asked = client.simple_query(&ask);
            let ended = client.simple_query(END);
            futures_util::future::join(asked, ended).await
        });
    }
    let mut answers = Vec::new();
    for (asked, ended) in futures_util::future::join_all(waiting).await {
        ended.map_err(|error| failure::own("ending a probe", error))?;
        answers.push(match asked {
            Ok(messages) => Answer::Value(value(&messages)),
            Err(_) => Answer::Unknown,
        });
    }
    Ok(answers)
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
        Err((_, error)) => match error.as_db_error() {
            Some(db) => Ok(Answer::Refused(db.message().to_owned())),
            None => Err(failure::lost(error)),
        },
    }
}

/// Each name by itself: in one text, `a, b` would be the name of one schema.
fn quoted(value: &str) -> String {
    value.split(", ").map(quote::literal).collect::<Vec<_>>().join(", ")
}

fn value(messages: &[SimpleQueryMessage]) -> Option<String> {
    rows(messages).next().and_then(|row| row.get(0)).map(str::to_owned)
}
