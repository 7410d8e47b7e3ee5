use super::transaction_frame::TransactionFrame;
use crate::session::reset;
use crate::session::reset::{
    DEALLOCATE, DEFERRED, DISCARD, LEFT, PREPARED, PreparedStatements, RESET, mentions_prepare,
};

impl TransactionFrame<'_> {
    /// Sent after a text that may have done anything: resets the session to the state before it, except our own settings.
    /// Outside a transaction, a message with it is one by itself.
    pub(crate) fn clean(&self, text: &str) -> String {
        let unlock = reset::unlock(self.lock_each.is_some(), self.schema);
        format!("{DEFERRED}{RESET}{DISCARD}{unlock}{}", self.deallocate(text))
    }

    fn deallocate(&self, text: &str) -> String {
        match self.prepared {
            PreparedStatements::Dropped => DEALLOCATE.to_owned(),
            PreparedStatements::Refused | PreparedStatements::Later if mentions_prepare(text) => {
                DEALLOCATE.to_owned()
            }
            PreparedStatements::Refused => {
                format!("SELECT pg_catalog.current_setting('{LEFT}') FROM {PREPARED};\n")
            }
            PreparedStatements::Later => String::new(),
        }
    }
}
