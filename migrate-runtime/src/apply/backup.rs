use embed_migrate_core::Result;

use crate::pipeline::transaction_frame::Commit;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::run::run::Run;
use crate::run::taken_backup::Backup;
use crate::session::session::Session;

impl Run<'_> {
    /// Takes the requested backup once, and records its name if there is a history already.
    ///
    /// # Errors
    ///
    /// The error of the callback; nothing is applied then.
    pub(crate) async fn back_up(&mut self, session: &mut Session) -> Result<()> {
        let Some(take) = self.context.options.backup.as_ref().filter(|_| !self.backup.done) else {
            return Ok(());
        };
        let taken = take().await.map_err(|error| error.context("while taking a backup before the run"))?;
        self.backup = Backup { done: true, name: Some(taken), noted: false };
        match session.server.has_schema {
            true => self.note_backup(session).await,
            // The run's first patch makes it.
            false => Ok(()),
        }
    }

    /// Writes the backup's name into the history, unless that has it.
    pub(crate) async fn note_backup(&mut self, session: &mut Session) -> Result<()> {
        let Some(name) = self.backup.name.as_ref().filter(|_| !self.backup.noted) else { return Ok(()) };
        let frame = self.frame(session);
        let settings = frame.settings(Commit::Now, self.context.options.lock_timeout);
        let event = frame.event("backup", None, name);
        let sql = format!("{}{settings}{event}{}", frame.begin(), frame.commit());
        session.busy = true;
        let noted = with_timeout(self.context.options, session.simple_query(&sql)).await;
        session.busy = false;
        noted.map_err(|error| failure::own("noting the backup", error))?;
        self.backup.noted = true;
        Ok(())
    }
}
