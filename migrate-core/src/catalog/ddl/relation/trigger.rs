use super::table::alter;
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::table::Table;
use crate::catalog::trigger::Trigger;
use crate::text::quote;

impl DdlScript<'_> {
    pub(in crate::catalog) fn triggers(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        table.triggers.iter().flat_map(|(name, trigger)| self.trigger(table, name, trigger)).collect()
    }

    pub(in crate::catalog) fn trigger(&self, table: &Table, name: &str, trigger: &Trigger) -> Vec<String> {
        let mut statements = Vec::new();
        if !trigger.inherited {
            statements.push(trigger.definition.clone());
        }
        if trigger.enabled != 'O' {
            statements.push(set_enabled(table, name, trigger));
        }
        statements.extend(comments(&trigger_object(table, name), trigger.comment.as_ref()));
        statements
    }
}

/// `TRIGGER "study_pk" ON "public"."study"`
pub(in crate::catalog) fn trigger_object(table: &Table, name: &str) -> String {
    format!("TRIGGER {} ON {}", quote::identifier(name), table.name.quoted())
}

pub(in crate::catalog) fn set_enabled(table: &Table, name: &str, trigger: &Trigger) -> String {
    format!("{} {} TRIGGER {}", alter(table), enabled(trigger.enabled), quote::identifier(name))
}

/// The meaning of `tgenabled`, `ev_enabled` and `evtenabled`.
pub(in crate::catalog) fn enabled(letter: char) -> &'static str {
    match letter {
        'D' => "DISABLE",
        'R' => "ENABLE REPLICA",
        'A' => "ENABLE ALWAYS",
        _ => "ENABLE",
    }
}
