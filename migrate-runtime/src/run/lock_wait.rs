//! Taking the migration lock, or waiting until the process that holds it is done.

use std::time::{Duration, Instant};

use embed_migrate_core::{Bundle, Error, ErrorKind, History, Result, resolve};
use futures_util::future::{BoxFuture, join};

use super::context::RunContext;
use super::lock_outcome::LockOutcome;
use crate::connection::backoff;
use crate::connection::connection::Connection;
use crate::connection::rows::rows;
use crate::history::ask::ask_history;
use crate::history::others::other_histories::OtherHistories;
use crate::history::records::bundle_record::{BundleRecord, ahead_query, stops_short};
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::report::event::Event;
use crate::session::lock::{Lock, key};
use crate::session::lock_holders;
use crate::session::opening::SessionOpening;
use crate::session::server::Server;
use crate::session::session::Session;

impl RunContext<'_> {
    /// Takes the connection out of its pool for good, and waits for the lock. If a history was seen, it is read in the
    /// same round trip.
    ///
    /// # Errors
    ///
    /// `Locked` if another process keeps the lock for longer than we may wait, with who holds the lock and since when;
    /// `Identity` if the database has a bundle's patches under another name.
    pub(crate) fn open<'f>(
        &'f self,
        connection: Connection,
        recorded: Option<&'f [BundleRecord]>,
    ) -> BoxFuture<'f, Result<LockOutcome>> {
        let other_histories =
            OtherHistories { options: self.options, schema: self.schema, bundles: self.bundles };
        Box::pin(async move {
            let known = recorded.unwrap_or_default();
            let mut outcome =
                self.take_lock(connection, recorded.is_some(), other_histories.concerns(known)).await?;
            if let LockOutcome::Acquired(session, history) = &mut outcome {
                other_histories.refuse_renamed(history, known)?;
                if session.server.other_histories {
                    session.notes =
                        other_histories.refuse_in_other_histories(session, history, known).await?;
                }
            }
            Ok(outcome)
        })
    }

    fn take_lock(
        &self,
        connection: Connection,
        seen: bool,
        other_histories: bool,
    ) -> BoxFuture<'_, Result<LockOutcome>> {
        Box::pin(async move {
            let (opening, key) = (SessionOpening::of(connection).await, key(&self.schema.name));
            let direct = opening.direct();
            let look =
                Server::look(self.options, self.bundles, self.schema, Some(key), &direct, other_histories);
            let history = async {
                match seen {
                    true => self.history(opening.client()).await.map(Some),
                    false => Ok(None),
                }
            };
            let opened = opening.ask(self.options, &look, "taking the migration lock");
            let (opened, history) = join(opened, history).await;
            let opened = opened?;
            let got = opened.got;
            let session = opening.session(opened, self.options, key);
            if let Lock::Transaction(_) = session.lock {
                session.takes_transactions(self.options).await?;
            }
            if session.lock == Lock::Session && !got {
                return self.wait(session, key).await;
            }
            let history = match history? {
                Some(history) => history,
                // Another process may have created the history since we looked.
                None if session.server.has_schema => self.history(&session).await?,
                None => History::default(),
            };
            Ok(LockOutcome::Acquired(Box::new(session), history))
        })
    }

    /// Lets some time pass before the lock is asked for again.
    ///
    /// # Errors
    ///
    /// `Locked` if we have waited for as long as we may.
    pub(crate) async fn wait_again(&self, since: Instant) -> Result<()> {
        let waited = since.elapsed();
        if waited >= self.options.lock_wait {
            return Err(lock_kept(waited)
                .help("run again once it is done; or allow more time: `RunOptions::lock_wait`"));
        }
        backoff::jittered(POLL_MOST, 0, self.options.lock_wait.saturating_sub(waited)).await;
        Ok(())
    }

    /// Polls, because a waiter that blocks holds a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots.
    async fn wait(&self, session: Session, key: i64) -> Result<LockOutcome> {
        let started = Instant::now();
        let mut reported: Option<Instant> = None;
        let mut attempt = 0;
        loop {
            let ahead = ahead_query(self.schema, self.bundles, self.options);
            let recorded = ask_history(&session, self.options, self.schema, &ahead);
            let take = format!("SELECT pg_catalog.pg_try_advisory_lock({key})");
            let taken = with_timeout(self.options, session.simple_query(&take));
            let (taken, recorded) = join(taken, recorded).await;
            let taken = taken.map_err(|error| failure::own("taking the migration lock", error))?;
            let got = rows(&taken).next().and_then(|row| row.get(0)) == Some("t");
            let recorded =
                recorded?.map(|messages| BundleRecord::parse(&messages)).transpose()?.unwrap_or_default();
            if self.is_current(&recorded) {
                return Ok(LockOutcome::NothingToDo(recorded));
            }
            if got {
                let history = self.history(&session).await?;
                return Ok(LockOutcome::Acquired(Box::new(session), history));
            }
            let waited = started.elapsed();
            if waited >= self.options.lock_wait {
                return Err(self.locked(waited, &session).await);
            }
            if reported.is_none_or(|reported| reported.elapsed() >= TELL_EVERY) && attempt > 0 {
                if self.needs_nothing(&session, &recorded).await? {
                    return Ok(LockOutcome::NothingToDo(recorded));
                }
                let holder = lock_holders::of_lock(&session, key).await;
                self.options.tell(&Event::Waiting { waited, holder });
                reported = Some(Instant::now());
            }
            backoff::jittered(POLL, attempt, POLL_MOST.min(self.options.lock_wait.saturating_sub(waited)))
                .await;
            attempt += 1;
        }
    }

    /// Whether these bundles need nothing although no record is current: another process applies a concurrent patch
    /// that they don't have, and all that they need is there. The patches before a concurrent patch are on the disk.
    async fn needs_nothing(&self, session: &Session, recorded: &[BundleRecord]) -> Result<bool> {
        let targets = &self.options.targets;
        let facts = |recorded: &BundleRecord, bundle: &Bundle| {
            recorded.has_facts(bundle) || stops_short(bundle, targets)
        };
        if !self.all(recorded, facts) {
            return Ok(false);
        }
        let history = self.history(session).await?;
        let under_way = history.applied.iter().any(|row| !row.ended);
        // A reason to refuse is not reported here: the history is checked again once we have the lock.
        let plan = resolve(self.bundles, &history, targets);
        Ok(under_way && plan.is_ok_and(|plan| plan.is_empty()))
    }

    /// The error if the lock did not become free.
    pub(crate) async fn locked(&self, waited: Duration, session: &Session) -> Error {
        let error = lock_kept(waited);
        match lock_holders::of_lock(session, key(&self.schema.name)).await {
            Some(holder) => error
                .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({})`", holder.pid))
                .note(format!("held by {holder}")),
            None => error.help("boot again, or allow more time: `RunOptions::lock_wait`"),
        }
    }
}

const POLL: Duration = Duration::from_millis(20);
const POLL_MOST: Duration = Duration::from_millis(500);
const TELL_EVERY: Duration = Duration::from_secs(5);

fn lock_kept(waited: Duration) -> Error {
    let message = format!("another process holds the migration lock, and kept it for {} s", waited.as_secs());
    Error::new(ErrorKind::Locked, message)
}
