use std::fmt;

use migrate_core::{Place, Step, Version, excerpt, redact_from, redact_statement, visible};
use tokio_postgres::error::DbError;

use super::event::Event;
use crate::options::options::Options;
use crate::pipeline::script::Script;
use crate::pipeline::stop::{Sent, Stop};

/// What the server said beside its answers, such as by `RAISE NOTICE`, without passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The bundle's name; empty where what runs is of none.
    pub bundle: String,
    /// The patch's version; `None` for facts.
    pub version: Option<Version>,
    /// The patch's file, the file of facts, or that of a create tree.
    pub file: String,
    /// The statement, where that is known.
    pub place: Option<Place>,
    /// `NOTICE`, `WARNING`, `INFO` and so on, in the server's language.
    pub severity: String,
    /// The SQLSTATE.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Its detail.
    pub detail: Option<String>,
    /// Its hint.
    pub hint: Option<String>,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.file))?;
        if let Some(place) = self.place.as_ref().filter(|place| place.line > 0) {
            write!(f, ":{}", place.line)?;
        }
        let shown = |text: &str| visible(&text.replace('\n', "\n  ")).into_owned();
        write!(f, ": {}: {}", self.severity, shown(&self.message))?;
        let more = [("detail", &self.detail), ("hint", &self.hint)];
        more.iter()
            .filter_map(|(what, text)| text.as_ref().map(|text| (what, text)))
            .try_for_each(|(what, text)| write!(f, "\n  {what}: {}", shown(text)))
    }
}

/// Where a byte of a script's own text stands.
type Locate<'a> = &'a (dyn Fn(usize) -> Option<Place> + Send + Sync);

/// Tells what the server says while it works on one thing: of a flood the first, and how many more there were.
pub(crate) struct Said<'a> {
    options: &'a Options,
    bundle: &'a str,
    version: Option<Version>,
    file: &'a str,
    /// What was sent, taken apart once something is said of it, and how to name a place in it.
    sent: Option<(&'a Script, Option<Sent<'a>>, Locate<'a>)>,
    told: usize,
    more: usize,
}

/// How many notices of one thing are told, and how many characters of each text.
const MOST: usize = 100;
const LONGEST: usize = 4_000;

impl<'a> Said<'a> {
    /// For a script of a patch; what our own statements around it say is left out.
    pub(crate) fn patch(
        options: &'a Options,
        step: &'a Step<'_>,
        script: &'a Script,
        place: Locate<'a>,
    ) -> Said<'a> {
        let said = Said::facts(options, &step.bundle.name, Some(step.patch.version), &step.patch.file);
        Said { sent: Some((script, None, place)), ..said }
    }

    /// For facts, of a patch or not.
    pub(crate) fn facts(
        options: &'a Options,
        bundle: &'a str,
        version: Option<Version>,
        file: &'a str,
    ) -> Said<'a> {
        Said { options, bundle, version, file, sent: None, told: 0, more: 0 }
    }

    pub(crate) fn say(&mut self, said: &DbError) {
        if self.options.progress.is_none() {
            return;
        }
        if self.told >= MOST {
            self.more += 1;
            return;
        }
        if let Some(notice) = self.notice(said) {
            self.told += 1;
            self.options.tell(&Event::Notice(notice));
        }
    }

    fn notice(&mut self, said: &DbError) -> Option<Notice> {
        let mut place = None;
        if let Some((script, sent, locate)) = &mut self.sent {
            let sent = sent.get_or_insert_with(|| Sent::from(*script));
            match sent.reached(script).stop(said) {
                Stop::At(offset) => place = locate(offset),
                // What was deferred may say something too.
                Stop::Behind(statement) if is_end(statement) => {}
                Stop::Before | Stop::Behind(_) | Stop::Unknown => return None,
            }
        }
        let sql = self.sent.as_ref().map_or("", |(script, ..)| script.own_text());
        // A create tree has files of its own.
        let file = match &place {
            Some(place) if !place.file.ends_with(self.file) => place.file.clone(),
            _ => self.file.to_owned(),
        };
        let shown = |text: &str| redact_from(sql, &excerpt(text, LONGEST, redact_statement)).into_owned();
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

/// Whether a statement of ours has checked what was deferred.
pub(crate) fn is_end(statement: &str) -> bool {
    statement.starts_with("SET CONSTRAINTS") || statement.starts_with("COMMIT")
}

impl Drop for Said<'_> {
    fn drop(&mut self) {
        if self.more > 0 {
            let (file, count) = (self.file.to_owned(), self.more);
            self.options.tell(&Event::NoticesLeftOut { file, count });
        }
    }
}
