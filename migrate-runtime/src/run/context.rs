use std::time::{Duration, Instant};

use embed_migrate_core::{Bundle, Error, ErrorKind, History, Result, resolve};
use futures_util::future::{BoxFuture, join};
use tokio_postgres::Client;

use super::lock_outcome::LockOutcome;
use crate::connection::backoff;
use crate::connection::connection::Connection;
use crate::connection::rows::rows;
use crate::connection::source::Source;
use crate::history::ask::ask_history;
use crate::history::missing::in_part;
use crate::history::others::other_histories::OtherHistories;
use crate::history::read::read_all;
use crate::history::records::bundle_record::{BundleRecord, ahead_query, records_query, stops_short};
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::report::event::Event;
use crate::session::lock::{Lock, key};
use crate::session::lock_holders;
use crate::session::opening::SessionOpening;
use crate::session::reset::PreparedStatements;
use crate::session::server::Server;
use crate::session::session::Session;

/// What a session is opened with: the source of the connection, the options, the history's schema, the bundles.
pub(crate) struct RunContext<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    pub(crate) schema: &'a HistorySchema,
    pub(crate) bundles: &'a [&'a Bundle],
}

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
            let mut turn =
                self.take_lock(connection, recorded.is_some(), other_histories.concerns(known)).await?;
            if let LockOutcome::Acquired(session, history) = &mut turn {
                other_histories.refuse_renamed(history, known)?;
                if session.server.other_histories {
                    session.notes =
                        other_histories.refuse_in_other_histories(session, history, known).await?;
                }
            }
            Ok(turn)
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
            return Err(
                kept(waited).help("run again once it is done; or allow more time: `RunOptions::lock_wait`")
            );
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

    /// Refuses a history if somebody dropped one of its two tables: one patch creates both.
    ///
    /// # Errors
    ///
    /// `Missing`, with the table that is missing; or the server can't be asked.
    pub(crate) async fn whole(&self, session: &Session, recorded: bool, history: &History) -> Result<()> {
        let gone = match (recorded, history.applied.is_empty()) {
            (true, true) => "patch",
            // The tables may have been created since.
            (false, false) => {
                match ask_history(
                    session,
                    self.options,
                    self.schema,
                    &records_query(self.schema, self.options),
                )
                .await?
                {
                    None => "bundle",
                    Some(_) => return Ok(()),
                }
            }
            (true, false) | (false, true) => return Ok(()),
        };
        Err(in_part(self.schema, gone))
    }

    /// The error if the lock did not become free.
    pub(crate) async fn locked(&self, waited: Duration, session: &Session) -> Error {
        let error = kept(waited);
        match lock_holders::of_lock(session, key(&self.schema.name)).await {
            Some(holder) => error
                .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({})`", holder.pid))
                .note(format!("held by {holder}")),
            None => error.help("boot again, or allow more time: `RunOptions::lock_wait`"),
        }
    }

    /// The history as it is; empty on a first boot.
    pub(crate) async fn history(&self, client: &Client) -> Result<History> {
        read_all(client, self.options, self.schema).await
    }

    /// How the scripts of a session are wrapped.
    pub(crate) fn frame<'f>(&'f self, session: &Session) -> TransactionFrame<'f> {
        let lock_each = match session.lock {
            Lock::Transaction(key) => Some(key),
            Lock::Session | Lock::None => None,
        };
        let keep = session.keep_again(self.options);
        let create_schema = !session.server.has_schema;
        TransactionFrame {
            options: self.options,
            schema: self.schema,
            lock_each,
            each: if lock_each.is_some() { session.keep_each(self.options) } else { String::new() },
            keep,
            create_schema,
            synchronous: session.server.synchronous,
            gate: None,
            apart: None,
            nested: false,
            closing: String::new(),
            prepared: PreparedStatements::Refused,
        }
    }

    /// Whether the database needs nothing from this binary.
    pub(crate) fn is_current(&self, recorded: &[BundleRecord]) -> bool {
        self.all(recorded, |recorded, bundle| recorded.is_current(bundle, &self.options.targets))
    }

    /// Whether a second query may show that the database needs nothing from this binary: the database may be ahead.
    pub(crate) fn may_be_ahead(&self, recorded: &[BundleRecord]) -> bool {
        let targets = &self.options.targets;
        !self.is_current(recorded)
            && self.all(recorded, |recorded, bundle| {
                recorded.is_current(bundle, targets) || recorded.may_be_ahead(bundle, targets)
            })
    }

    /// Whether a condition holds for each bundle's record; an empty bundle needs no record.
    fn all(&self, recorded: &[BundleRecord], holds: impl Fn(&BundleRecord, &Bundle) -> bool) -> bool {
        self.bundles.iter().all(|bundle| {
            let mut found = recorded.iter().filter(|recorded| recorded.name == bundle.name());
            match (found.next(), found.next()) {
                (Some(recorded), None) => holds(recorded, bundle),
                // Two records of one bundle can't both be right.
                (Some(_), Some(_)) => false,
                (None, _) => bundle.head().is_none() && bundle.facts().is_none(),
            }
        })
    }
}

const POLL: Duration = Duration::from_millis(20);
const POLL_MOST: Duration = Duration::from_millis(500);
const TELL_EVERY: Duration = Duration::from_secs(5);

fn kept(waited: Duration) -> Error {
    let message = format!("another process holds the migration lock, and kept it for {} s", waited.as_secs());
    Error::new(ErrorKind::Locked, message)
}
