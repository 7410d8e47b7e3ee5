use super::frame::Frame;
use crate::session::clean;
use crate::session::clean::DEALLOCATE;
use crate::session::clean::DEFERRED;
use crate::session::clean::DISCARD;
use crate::session::clean::LEFT;
use crate::session::clean::PREPARED;
use crate::session::clean::Prepared;
use crate::session::clean::RESET;
use crate::session::clean::mentions_prepare;

impl Frame<'_> {
    /// What stands behind a text that may have done anything: the session is as before it, but for our own settings.
    /// Outside a transaction, a message with it is one by itself.
    pub(crate) fn clean(&self, text: &str) -> String {
        let unlock = clean::unlock(self.lock_each.is_some(), self.schema);
        format!("{DEFERRED}{RESET}{DISCARD}{unlock}{}", self.deallocate(text))
    }

    fn deallocate(&self, text: &str) -> String {
        match self.prepared {
            Prepared::Dropped => DEALLOCATE.to_owned(),
            Prepared::Refused | Prepared::Later if mentions_prepare(text) => DEALLOCATE.to_owned(),
            Prepared::Refused => format!("SELECT pg_catalog.current_setting('{LEFT}') FROM {PREPARED};\n"),
            Prepared::Later => String::new(),
        }
    }
}
