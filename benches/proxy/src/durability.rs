//! Which COMMIT waits for the disk.

use crate::statements::Effect;

/// `synchronous_commit` on one connection, as its statements set it.
pub(crate) struct Durability {
    at_start: bool,
    session: bool,
    /// Set in this transaction, for the session.
    pending: Option<bool>,
    /// Set in this transaction, for it alone.
    local: Option<bool>,
}

impl Durability {
    /// At the start of a connection.
    pub(crate) fn new(on: bool) -> Durability {
        Durability { at_start: on, session: on, pending: None, local: None }
    }

    /// Whether a COMMIT that came now would wait.
    pub(crate) fn on(&self) -> bool {
        self.local.or(self.pending).unwrap_or(self.session)
    }

    /// After a statement that the server confirmed.
    pub(crate) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Set { local: true, value } => self.local = Some(value.unwrap_or(self.at_start)),
            // The later one holds: SET after SET LOCAL is for the rest of the transaction too.
            Effect::Set { local: false, value } => {
                (self.pending, self.local) = (Some(value.unwrap_or(self.at_start)), None);
            }
            Effect::Commit => self.end(true),
            Effect::Rollback => self.end(false),
            Effect::Begin | Effect::None => {}
        }
    }

    /// When the server says that no transaction is open: a SET outside of one is kept, a SET LOCAL never was.
    pub(crate) fn idle(&mut self) {
        self.end(true);
    }

    fn end(&mut self, committed: bool) {
        if committed {
            self.session = self.pending.unwrap_or(self.session);
        }
        (self.pending, self.local) = (None, None);
    }
}
