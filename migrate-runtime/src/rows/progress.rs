use std::sync::atomic::{AtomicUsize, Ordering};

/// How far a load is.
pub(crate) struct Progress<'a> {
    done: AtomicUsize,
    total: usize,
    tell: &'a (dyn Fn(usize, usize) + Send + Sync),
}

impl Progress<'_> {
    pub(crate) fn new(total: usize, tell: &(dyn Fn(usize, usize) + Send + Sync)) -> Progress<'_> {
        Progress { done: AtomicUsize::new(0), total, tell }
    }

    /// Tells nobody.
    pub(crate) fn quiet() -> Progress<'static> {
        Progress { done: AtomicUsize::new(0), total: 0, tell: &|_, _| {} }
    }

    pub(crate) fn add(&self, rows: usize) {
        if rows > 0 {
            let done = self.done.fetch_add(rows, Ordering::Relaxed) + rows;
            (self.tell)(done.min(self.total), self.total);
        }
    }
}
