use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use futures_util::future::{MaybeDone, join, maybe_done};
use migrate_core::Step;

use crate::ask::{Unanswered, within};
use crate::event::{Event, Holder};
use crate::history::NAME;
use crate::options::Options;
use crate::refused::Refused;
use crate::script::Script;
use crate::session::Session;
use crate::source::Source;

/// Patches that are sent all at once, one query string each, without waiting for an answer in between.
pub(crate) struct Flight<'a> {
    pub(crate) session: &'a Session,
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
}

/// How a flight ended.
pub(crate) enum Landing {
    /// Everything is in.
    Whole,
    /// The server refused a message; those before it are in, those after it are not.
    Short(Refused),
    /// All before the step of this index are in; it waits for answers, as facts and concurrent patches do.
    Before(usize),
}

impl Flight<'_> {
    /// Sends all scripts and then `record`, if there is one, and waits for the answers in order.
    pub(crate) async fn fly(&self, steps: &[Step<'_>], scripts: &[Script], record: Option<&str>) -> Landing {
        let messages = scripts.iter().map(|script| (script.opening.as_deref(), script.sql.as_str()));
        let messages = messages.chain(record.map(|record| (None, record)));
        let mut answers: Vec<_> =
            messages.map(|(opening, sql)| Box::pin(maybe_done(self.message(opening, sql)))).collect();
        send(&mut answers).await;
        let mut since = Instant::now();
        for (index, answer) in answers.iter_mut().enumerate() {
            let step = steps.get(index);
            let blockers = match self.await_answer(answer, step).await {
                Ok(blockers) => blockers,
                Err((error, blockers)) => return Landing::Short(Refused { index, error, blockers }),
            };
            if let Some(Err(error)) = answer.as_mut().take_output() {
                return Landing::Short(Refused { index, error: error.into(), blockers });
            }
            // The history's own patches are no more news than they are in the report.
            if let Some(Step { bundle, patch, .. }) = step.filter(|step| step.bundle.name != NAME) {
                let (bundle, file) = (bundle.name.to_string(), patch.file.to_string());
                self.options.tell(&Event::Applied {
                    bundle,
                    version: patch.version,
                    file,
                    elapsed: since.elapsed(),
                });
                since = Instant::now();
            }
        }
        Landing::Whole
    }

    /// Sends what opens a transaction, and the rest of it without waiting in between; nothing where another message has
    /// the step.
    async fn message(&self, opening: Option<&str>, sql: &str) -> Result<(), tokio_postgres::Error> {
        if opening.is_none() && sql.is_empty() {
            return Ok(());
        }
        let session = self.session;
        // Rows that a patch selects are let go of as they come.
        let Some(opening) = opening else { return session.batch_execute(sql).await };
        let (opened, answer) = join(session.batch_execute(opening), session.batch_execute(sql)).await;
        opened.and(answer)
    }

    /// Waits for one answer; where it takes long, looks who is in the way. It fails where the server says nothing for too
    /// long, and no patch is under way, or none that it works on.
    async fn await_answer(
        &self,
        answer: &mut (impl Future + Unpin),
        step: Option<&Step<'_>>,
    ) -> Result<Vec<Holder>, (Unanswered, Vec<Holder>)> {
        let Some(step) = step else {
            let answer = async { Ok(answer.await) };
            let answered = within(self.options, answer).await;
            return answered.map(|_| Vec::new()).map_err(|error| (error, Vec::new()));
        };
        let Flight { session, source, options } = *self;
        let watch = session.watch(source, options, Some(step));
        match watch.over(answer).await {
            (Ok(_), blockers) => Ok(blockers),
            (Err(error), blockers) => Err((error, blockers)),
        }
    }
}

/// Polls each once in order, which sends its message; the order is that of the patches.
async fn send<F: Future>(answers: &mut [Pin<Box<MaybeDone<F>>>]) {
    poll_fn(|context| {
        for answer in answers.iter_mut() {
            let _ = answer.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
}
