use crate::error::Error;

/// Problems of many rows: the first ones in full, the others counted.
#[derive(Debug, Default)]
pub struct Problems {
    errors: Vec<Error>,
    more: usize,
}

/// How many are reported in full.
const TOLD: usize = 20;

impl Problems {
    /// Adds one; its message is created only if it is reported.
    pub fn add(&mut self, error: impl FnOnce() -> Error) {
        match self.errors.len() < TOLD {
            true => self.errors.push(error()),
            false => self.more += 1,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.errors.len() + self.more
    }

    /// All of them, the last with how many more there are.
    pub fn list(mut self) -> Vec<Error> {
        more(&mut self.errors, self.more, "more like these");
        self.errors
    }

    /// Ends the collection.
    ///
    /// # Errors
    ///
    /// All of them, if there are any.
    pub fn end(self) -> Result<(), Error> {
        Error::all(self.list()).map_or(Ok(()), Err)
    }
}

/// Adds a note to the last error that says how many more there are.
pub fn more(errors: &mut Vec<Error>, more: usize, what: &str) {
    if more == 0 {
        return;
    }
    if let Some(last) = errors.pop() {
        errors.push(last.note(format!("and {more} {what}")));
    }
}
