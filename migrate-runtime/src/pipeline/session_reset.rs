use super::frame::Frame;
use crate::session::reset;
use crate::session::reset::DEALLOCATE;
use crate::session::reset::DEFERRED;
use crate::session::reset::DISCARD;
use crate::session::reset::LEFT;
use crate::session::reset::PREPARED;
use crate::session::reset::PreparedStatements;
use crate::session::reset::RESET;
use crate::session::reset::mentions_prepare;

impl Frame<'_> {
    /// What stands behind a text that may have done anything: the session is as before it, but for our own settings.
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
