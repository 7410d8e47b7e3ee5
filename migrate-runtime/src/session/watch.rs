use std::future::Future;
use std::time::{Duration, Instant};

use embed_migrate_core::{Result, Step, Timeout};

use super::lock_holders;
use super::lock_holders::{Observation, ProcessState};
use super::server_process::ServerProcess;
use crate::connection::failure::is_silent;
use crate::connection::source::Source;
use crate::options::options::Options;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;

/// How long a patch may take before we look whether it waits for a lock, and the longest time between later looks: a
/// patch that takes long is not to be watched all the time.
const LOOK_AFTER: Duration = Duration::from_millis(500);
const LOOK_MOST: Duration = Duration::from_secs(5);

/// How many bytes of a patch even a slow connection transfers in a second.
const A_SECOND: usize = 64 * 1024;

/// Observes an answer that takes long, over a second connection: which processes block it, and whether the server
/// works on it at all.
pub(crate) struct Watch<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    pub(crate) worker: ServerProcess,
    /// The patch that the process works on, if it works on a patch.
    pub(crate) step: Option<&'a Step<'a>>,
    /// How events name the work.
    pub(crate) name: &'a str,
}

impl Watch<'_> {
    /// When to look first: before a statement that waits for a lock fails.
    fn first(&self) -> Duration {
        let directives = self.step.and_then(|step| step.patch.directives().ok());
        let stated = directives.and_then(|directives| directives.lock_timeout);
        let limit =
            stated.or(self.options.lock_timeout).or(self.step.and_then(|step| step.bundle.lock_timeout()));
        match limit.map(Timeout::duration) {
            None | Some(Duration::ZERO) => LOOK_AFTER,
            Some(limit) => LOOK_AFTER.min(limit / 2),
        }
    }

    /// The longest time between two looks.
    fn most(&self) -> Duration {
        match self.options.answer_timeout {
            Duration::ZERO => LOOK_MOST,
            limit => LOOK_MOST.min((limit / 4).max(Duration::from_millis(50))),
        }
    }

    /// How long the text of a patch may take to the server. The server has nothing to do until it has the whole text.
    fn on_its_way(&self) -> Duration {
        let length = self.step.map_or(0, |step| step.patch.text().len());
        Duration::from_secs(u64::try_from(length / A_SECOND).unwrap_or_default())
    }

    /// Waits for an answer of the server, for as long as the server works on it.
    pub(crate) async fn answer<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> (std::result::Result<T, QueryError>, Vec<LockHolder>) {
        let (answer, blockers) = self.over(answer).await;
        (answer.and_then(|answer| answer.map_err(QueryError::Refused)), blockers)
    }

    /// The same for a question while others wait for our locks. It fails sooner if the server can't be reached:
    /// nothing is lost with the question.
    pub(crate) async fn answer_soon<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> (std::result::Result<T, QueryError>, Vec<LockHolder>) {
        let (answer, blockers) = self.until(answer, self.options.answer_timeout).await;
        (answer.and_then(|answer| answer.map_err(QueryError::Refused)), blockers)
    }

    /// Waits for something that the server works on, and reports the processes that block it; returns the last ones.
    /// It fails if the server has nothing to do: the question never arrived there, or its answer never came.
    pub(crate) async fn over<T>(
        &self,
        answer: impl Future<Output = T>,
    ) -> (std::result::Result<T, QueryError>, Vec<LockHolder>) {
        self.until(answer, self.options.answer_timeout * UNREACHED).await
    }

    async fn until<T>(
        &self,
        answer: impl Future<Output = T>,
        reached_within: Duration,
    ) -> (std::result::Result<T, QueryError>, Vec<LockHolder>) {
        let mut answer = std::pin::pin!(answer);
        let (mut blockers, mut wait) = (Vec::new(), self.first());
        let limit = match self.options.answer_timeout {
            Duration::ZERO => Duration::ZERO,
            limit => limit + self.on_its_way(),
        };
        let mut silence = Silence { limit, reached_within, seen: None, unreached: None };
        loop {
            if let Ok(answer) = tokio::time::timeout(wait, &mut answer).await {
                return (Ok(answer), blockers);
            }
            wait = self.most().min(wait * 2);
            // We go on waiting for the answer: looking must not hold it up.
            let looked = tokio::select! {
                looked = lock_holders::observe(self.source, &self.worker) => looked,
                answer = &mut answer => return (Ok(answer), blockers),
            };
            if let Some(given_up) = silence.heard(&looked) {
                return (Err(given_up), blockers);
            }
            // A full server can't be asked. The patch's own answer still comes.
            let Ok(Observation { blockers: found, .. }) = looked else { continue };
            if !found.is_empty() && found != blockers {
                blockers = found;
                let (file, blockers) = (self.name.to_owned(), blockers.clone());
                self.options.tell(&Event::Blocked { file, blockers });
            }
        }
    }
}

/// Since when the server has not worked for us, although we wait for it.
struct Silence {
    limit: Duration,
    /// The limit if the server takes no second connection either.
    reached_within: Duration,
    seen: Option<(ProcessState, Instant)>,
    unreached: Option<Instant>,
}

/// The factor by which the limit is longer if the server takes no second connection either, or if another server takes
/// it: the server may be overloaded, and its work would be lost.
const UNREACHED: u32 = 10;

impl Silence {
    /// Whether that has lasted too long.
    fn heard(&mut self, looked: &Result<Observation>) -> Option<QueryError> {
        if self.limit.is_zero() {
            return None;
        }
        let process = match looked {
            Ok(Observation { process: ProcessState::OtherServer, .. }) => return self.unreached(),
            Ok(look) => &look.process,
            Err(error) if is_silent(error) => return self.unreached(),
            Err(_) => {
                self.unreached = None;
                return None;
            }
        };
        self.unreached = None;
        if *process == ProcessState::Works {
            self.seen = None;
            return None;
        }
        match &self.seen {
            Some((seen, since)) if seen == process => {
                let commits = matches!(process, ProcessState::Commits(_));
                let given_up = if commits { QueryError::Unconfirmed } else { QueryError::Late };
                (since.elapsed() >= self.limit).then(|| given_up(self.limit))
            }
            _ => {
                self.seen = Some((process.clone(), Instant::now()));
                None
            }
        }
    }

    fn unreached(&mut self) -> Option<QueryError> {
        let limit = self.reached_within;
        let since = *self.unreached.get_or_insert_with(Instant::now);
        (since.elapsed() >= limit).then_some(QueryError::Late(limit))
    }
}
