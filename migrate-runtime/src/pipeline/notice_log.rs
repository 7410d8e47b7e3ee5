use embed_migrate_core::{Place, Step, Version, redact_excerpt, redact_from, redact_statement};
use tokio_postgres::error::DbError;

use super::script::Script;
use super::stop::{SentText, StopPosition, is_end};
use crate::options::options::Options;
use crate::report::event::Event;
use crate::report::notice::Notice;
use crate::session::session::Session;

/// The place of a byte of a script's own text.
pub(crate) type Locate<'a> = &'a (dyn Fn(usize) -> Option<Place> + Send + Sync);

/// The place of the text that a notice is about.
type Follow<'a> = &'a (dyn Fn(&DbError) -> Option<Place> + Send + Sync);

/// Tells what the server says while it works on one thing: of a flood the first, and how many more there were.
pub(crate) struct NoticeLog<'a> {
    options: &'a Options,
    bundle: &'a str,
    version: Option<Version>,
    file: &'a str,
    /// What was sent, taken apart once something is said of it, and how to name a place in it.
    sent: Option<(&'a Script, Option<SentText<'a>>, Locate<'a>)>,
    /// The place of the current work, if no script has it.
    place: Option<Follow<'a>>,
    reported: usize,
    more: usize,
}

/// How many notices of one thing are reported, and how many characters of each text.
pub(crate) const MOST: usize = 100;

pub(crate) const LONGEST: usize = 4_000;

impl<'a> NoticeLog<'a> {
    /// For a script of a patch; what our own statements around it say is left out.
    pub(crate) fn patch(
        options: &'a Options,
        step: &'a Step<'_>,
        script: &'a Script,
        place: Locate<'a>,
    ) -> NoticeLog<'a> {
        let said =
            NoticeLog::facts(options, step.bundle.name(), Some(step.patch.version()), step.patch.file());
        NoticeLog { sent: Some((script, None, place)), ..said }
    }

    /// For facts, of a patch or not.
    pub(crate) fn facts(
        options: &'a Options,
        bundle: &'a str,
        version: Option<Version>,
        file: &'a str,
    ) -> NoticeLog<'a> {
        NoticeLog { options, bundle, version, file, sent: None, place: None, reported: 0, more: 0 }
    }

    /// The same, with a function that finds the place of the current work.
    #[cfg(feature = "facts")]
    pub(crate) fn located(mut self, place: Follow<'a>) -> NoticeLog<'a> {
        self.place = Some(place);
        self
    }

    pub(crate) fn say(&mut self, said: &DbError) {
        if self.options.progress.is_none() {
            return;
        }
        if self.reported >= MOST {
            self.more += 1;
            return;
        }
        if let Some(notice) = self.notice(said) {
            self.reported += 1;
            self.options.tell(&Event::Notice(notice));
        }
    }

    fn notice(&mut self, said: &DbError) -> Option<Notice> {
        let mut place = self.place.and_then(|place| place(said));
        if let Some((script, sent, locate)) = &mut self.sent {
            let sent = sent.get_or_insert_with(|| SentText::from(*script));
            match sent.reached(script).stop(said) {
                StopPosition::At(offset) => place = locate(offset),
                // What was deferred may say something too.
                StopPosition::Behind(statement) if is_end(statement) => {}
                StopPosition::Before | StopPosition::Behind(_) | StopPosition::Unknown => return None,
            }
        }
        let sql = self.sent.as_ref().map_or("", |(script, ..)| script.own_text());
        // A create tree has files of its own.
        let file = match &place {
            Some(place) if !place.path().ends_with(self.file) => place.path().to_owned(),
            _ => self.file.to_owned(),
        };
        let shown =
            |text: &str| redact_from(sql, &redact_excerpt(text, LONGEST, redact_statement)).into_owned();
        Some(Notice {
            bundle: self.bundle.to_owned(),
            version: self.version,
            file,
            place,
            severity: said.severity().to_owned(),
            code: said.code().code().to_owned(),
            message: shown(said.message()),
            detail: said.detail().map(shown),
            hint: said.hint().map(shown),
        })
    }
}

impl Drop for NoticeLog<'_> {
    fn drop(&mut self) {
        if self.more > 0 {
            let (file, count) = (self.file.to_owned(), self.more);
            self.options.tell(&Event::NoticesLeftOut { file, count });
        }
    }
}

impl Session {
    /// Waits for something, and reports the server's messages meanwhile.
    pub(crate) async fn hear<T>(
        &self,
        mut said: Option<NoticeLog<'_>>,
        answer: impl Future<Output = T>,
    ) -> T {
        let tell = |notice| said.iter_mut().for_each(|said| said.say(&notice));
        match self.notices() {
            Some(notices) => notices.hear(answer, tell).await,
            None => answer.await,
        }
    }
}
