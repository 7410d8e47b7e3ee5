use std::sync::{Arc, Mutex};

use migrate_runtime::{Event, Notice};
use serde_json::{Value, json};

use crate::json;

/// What the server said during a command, for JSON; in text it is told as it comes.
#[derive(Default, Clone)]
pub(crate) struct Heard(Arc<Mutex<(Vec<Notice>, usize)>>);

/// How many notices are kept.
const MOST: usize = 1_000;

impl Heard {
    pub(crate) fn hear(&self, event: &Event) {
        let Ok(mut heard) = self.0.lock() else { return };
        match event {
            Event::Notice(notice) if heard.0.len() < MOST => heard.0.push(notice.clone()),
            Event::Notice(_) => heard.1 += 1,
            Event::NoticesLeftOut { count, .. } => heard.1 += count,
            _ => {}
        }
    }

    /// Adds it to the result.
    pub(crate) fn among(&self, mut result: Value) -> Value {
        if let (Ok(heard), Value::Object(object)) = (self.0.lock(), &mut result) {
            let (notices, left_out) = &*heard;
            object.insert("notices".to_owned(), notices.iter().map(json::notice).collect());
            object.insert("notices_left_out".to_owned(), json!(left_out));
        }
        result
    }
}
