use std::sync::{Arc, Mutex};

use embed_migrate_runtime::{Event, Notice};
use serde_json::{Value, json};

use super::json;

/// The server's notices during a command, for JSON; in text they are printed as they come.
#[derive(Default, Clone)]
pub(crate) struct NoticeLog(Arc<Mutex<(Vec<Notice>, usize)>>);

/// How many notices are kept.
const MOST: usize = 1_000;

impl NoticeLog {
    pub(crate) fn record(&self, event: &Event) {
        let Ok(mut log) = self.0.lock() else { return };
        match event {
            Event::Notice(notice) if log.0.len() < MOST => log.0.push(notice.clone()),
            Event::Notice(_) => log.1 += 1,
            Event::NoticesLeftOut { count, .. } => log.1 += count,
            _ => {}
        }
    }

    /// Adds the notices to the result.
    pub(crate) fn add_to(&self, mut result: Value) -> Value {
        if let (Ok(log), Value::Object(object)) = (self.0.lock(), &mut result) {
            let (notices, left_out) = &*log;
            object.insert("notices".to_owned(), notices.iter().map(json::notice).collect());
            object.insert("notices_left_out".to_owned(), json!(left_out));
        }
        result
    }
}
