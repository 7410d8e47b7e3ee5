use super::table::alter;
use super::trigger::enabled;
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::rule::Rule;
use crate::catalog::table::Table;
use crate::text::quote;

impl DdlScript<'_> {
    pub(in crate::catalog) fn rules(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        table.rules.iter().flat_map(|(name, rule)| self.rule(table, name, rule)).collect()
    }

    pub(in crate::catalog) fn rule(&self, table: &Table, name: &str, rule: &Rule) -> Vec<String> {
        let mut statements = vec![rule.definition.trim_end().trim_end_matches(';').to_owned()];
        if rule.enabled != 'O' {
            statements.push(set_rule_enabled(table, name, rule));
        }
        statements.extend(comments(&rule_object(table, name), rule.comment.as_ref()));
        statements
    }
}

pub(in crate::catalog) fn set_rule_enabled(table: &Table, name: &str, rule: &Rule) -> String {
    format!("{} {} RULE {}", alter(table), enabled(rule.enabled), quote::identifier(name))
}

/// `RULE "keep" ON "public"."study"`
pub(in crate::catalog) fn rule_object(table: &Table, name: &str) -> String {
    format!("RULE {} ON {}", quote::identifier(name), table.name.quoted())
}
