use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Instant;

use embed_migrate_core::{HISTORY_BUNDLE, Place, Step};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio_postgres::{Error, SimpleQueryMessage};

use super::execute::execute;
use super::notice_log::NoticeLog;
use super::refused_message::RefusedMessage;
use super::script::Script;
use crate::connection::notice_stream::Notices;
use crate::connection::source::Source;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;
use crate::report::patch_status::PatchStatus;
use crate::session::session::Session;

/// Patches that are sent all at once, one query string each, without waiting for an answer in between.
pub(crate) struct Pipeline<'a> {
    pub(crate) session: &'a Session,
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    /// The place of a byte of a script's own text, by the index of its step.
    pub(crate) place: &'a (dyn Fn(usize, usize) -> Option<Place> + Send + Sync),
}

/// How a pipeline ended.
pub(crate) enum PipelineOutcome {
    /// Everything is in.
    Completed,
    /// The server refused a message; those before it are in, those after it are not.
    Refused(RefusedMessage),
    /// All before the step of this index are in; it waits for answers, as facts and concurrent patches do.
    StoppedBefore(usize),
}

impl Pipeline<'_> {
    /// Sends all scripts and then `record`, if there is one, and waits for the answers in order.
    pub(crate) async fn send_all(
        &self,
        steps: &[Step<'_>],
        scripts: &[Script],
        record: Option<&str>,
    ) -> PipelineOutcome {
        let record = record.map(|record| Script { sql: record.to_owned(), ..Script::default() });
        let mut answers: Vec<_> = scripts.iter().chain(&record).map(|script| self.message(script)).collect();
        // What is said between two answers is of the next one.
        let _listening = self.session.notices().map(Notices::listen);
        send(&mut answers).await;
        let mut since = Instant::now();
        for (index, answer) in answers.iter_mut().enumerate() {
            let step = steps.get(index);
            let place = |offset| (self.place)(index, offset);
            let of = step.filter(|step| step.bundle.name() != HISTORY_BUNDLE).zip(scripts.get(index));
            let said = of.map(|(step, script)| NoticeLog::patch(self.options, step, script, &place));
            if let Err((error, blockers)) = self.session.hear(said, self.await_answer(answer, step)).await {
                let done = scripts.get(index).map_or(0, |script| script.done.load(Ordering::Relaxed));
                return PipelineOutcome::Refused(RefusedMessage { index, error, blockers, done });
            }
            // The history's own patches are not reported.
            if let Some(step) = step.filter(|step| step.bundle.name() != HISTORY_BUNDLE) {
                let patch = PatchStatus::applied(*step);
                if scripts.get(index).is_some_and(Script::changed_nothing) {
                    self.options.tell(&Event::NoRows { patch: patch.clone() });
                }
                self.options.tell(&Event::Applied { patch, elapsed: since.elapsed() });
                since = Instant::now();
            }
        }
        PipelineOutcome::Completed
    }

    /// What opens a transaction, and the rest of it, which is sent without waiting in between; nothing if another message
    /// has the step.
    fn message<'m>(&'m self, script: &'m Script) -> Message<'m> {
        let session = self.session;
        let opened = script.opening.as_deref().map(|opening| waiting(session.simple_query(opening)));
        let sent = !(script.opening.is_none() && script.sql.is_empty());
        Message { opened, answer: sent.then(|| waiting(execute(session, script))) }
    }

    /// Waits for one answer; if it takes long, finds the sessions that block it. It fails if the server says nothing for too
    /// long, and no patch is running, or none that it works on.
    async fn await_answer(
        &self,
        message: &mut Message<'_>,
        step: Option<&Step<'_>>,
    ) -> Result<(), (QueryError, Vec<LockHolder>)> {
        let Pipeline { session, source, options, .. } = *self;
        let Message { opened, answer: Some(answer) } = message else { return Ok(()) };
        let alone = |error| (error, Vec::new());
        let opened = match opened {
            Some(opened) => with_timeout(options, answered(opened)).await.map_err(alone)?,
            None => Vec::new(),
        };
        let Some(step) = step else {
            return with_timeout(options, answered(answer)).await.map(drop).map_err(alone);
        };
        let watch = session.watch(source, options, Some(step), &opened);
        let (answer, blockers) = watch.answer(answered(answer)).await;
        answer.map(drop).map_err(|error| (error, blockers))
    }
}

/// An answer that may have come before anybody asks for it.
type Waiting<'m, T> = MaybeDone<BoxFuture<'m, Result<T, Error>>>;

/// A message on its way, and what opens its transaction.
struct Message<'m> {
    opened: Option<Waiting<'m, Vec<SimpleQueryMessage>>>,
    answer: Option<Waiting<'m, u64>>,
}

fn waiting<'m, T>(answer: impl Future<Output = Result<T, Error>> + Send + 'm) -> Waiting<'m, T> {
    maybe_done(answer.boxed())
}

/// The answer, which is there once.
async fn answered<T: Default>(answer: &mut Waiting<'_, T>) -> Result<T, Error> {
    (&mut *answer).await;
    Pin::new(answer).take_output().unwrap_or_else(|| Ok(T::default()))
}

/// Polls each once in order, which sends its message; the order is that of the patches.
async fn send(messages: &mut [Message<'_>]) {
    poll_fn(|context| {
        for Message { opened, answer } in messages.iter_mut() {
            if let Some(opened) = opened {
                let _ = Pin::new(opened).poll(context);
            }
            if let Some(answer) = answer {
                let _ = Pin::new(answer).poll(context);
            }
        }
        Poll::Ready(())
    })
    .await;
}
