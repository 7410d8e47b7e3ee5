use super::comment::comments;
use super::script::DdlScript;
use crate::catalog::database::EventTrigger;
use crate::catalog::ddl::relation::enabled;
use crate::text::quote;

impl DdlScript<'_> {
    /// They come last, otherwise they would fire for the other statements.
    pub(super) fn event_triggers(&self) -> Vec<String> {
        let triggers = self.catalog.event_triggers.iter();
        triggers.flat_map(|(name, trigger)| self.event_trigger(name, trigger)).collect()
    }

    pub(in crate::catalog) fn event_trigger(&self, name: &str, trigger: &EventTrigger) -> Vec<String> {
        let object = format!("EVENT TRIGGER {}", quote::identifier(name));
        let tags: Vec<String> = trigger.tags.iter().map(|tag| quote::literal(tag)).collect();
        let when = match tags.is_empty() {
            true => String::new(),
            false => format!(" WHEN TAG IN ({})", tags.join(", ")),
        };
        let (event, calls) = (&trigger.event, &trigger.calls);
        let mut statements = vec![format!("CREATE {object} ON {event}{when} EXECUTE FUNCTION {calls}()")];
        if trigger.enabled != 'O' {
            statements.push(format!("ALTER {object} {}", enabled(trigger.enabled)));
        }
        if self.access {
            statements.push(self.owner(&object, &trigger.owner));
        }
        statements.extend(comments(&object, trigger.comment.as_ref()));
        statements
    }
}
