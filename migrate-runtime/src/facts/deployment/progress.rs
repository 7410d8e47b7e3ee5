use std::sync::{Arc, Mutex, PoisonError};

use embed_migrate_core::Place;
use embed_migrate_core::facts::SourceText;
use tokio_postgres::error::DbError;

use crate::facts::fact_failure;
use crate::pipeline::script::Script;

/// What of the facts the server works on, to name the place of what it says meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Option<Work>>);

#[derive(Debug)]
enum Work {
    /// A fact, by its place.
    Fact(Place),
    /// SQL that a fact holds.
    Sql(SourceText, Arc<Script>),
}

/// As long as it is there, the server works on one thing.
pub(super) struct WorkGuard<'a>(&'a Progress);

impl Progress {
    pub(super) fn fact(&self, place: &Place) -> WorkGuard<'_> {
        self.begin(Work::Fact(place.clone()))
    }

    pub(super) fn sql(&self, text: &SourceText, script: &Arc<Script>) -> WorkGuard<'_> {
        self.begin(Work::Sql(text.clone(), script.clone()))
    }

    /// How far it is.
    pub(crate) fn place(&self, said: &DbError) -> Option<Place> {
        self.with(|work| match work {
            Some(Work::Fact(place)) => Some(place.clone()),
            Some(Work::Sql(text, script)) => Some(fact_failure::place(text, script, said)),
            None => None,
        })
    }

    fn begin(&self, work: Work) -> WorkGuard<'_> {
        self.with(|before| *before = Some(work));
        WorkGuard(self)
    }

    fn with<T>(&self, then: impl FnOnce(&mut Option<Work>) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for WorkGuard<'_> {
    fn drop(&mut self) {
        self.0.with(|work| *work = None);
    }
}
