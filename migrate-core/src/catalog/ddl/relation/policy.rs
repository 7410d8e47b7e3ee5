use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::table::{Policy, Table};
use crate::text::quote;

impl DdlScript<'_> {
    pub(in crate::catalog) fn policies(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        table.policies.iter().flat_map(|(name, policy)| self.policy(table, name, policy)).collect()
    }

    pub(in crate::catalog) fn policy(&self, table: &Table, name: &str, policy: &Policy) -> Vec<String> {
        let kind = if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        let roles: Vec<String> = policy.roles.iter().map(|role| policy_role(role)).collect();
        let mut text = format!(
            "CREATE {} AS {kind} FOR {} TO {}",
            policy_object(table, name),
            policy.command,
            roles.join(", ")
        );
        for (word, expression) in [("USING", &policy.using), ("WITH CHECK", &policy.check)] {
            if let Some(expression) = expression {
                text.push_str(&format!(" {word} ({expression})"));
            }
        }
        let comment = comments(&policy_object(table, name), policy.comment.as_ref());
        std::iter::once(text).chain(comment).collect()
    }
}

fn policy_role(role: &str) -> String {
    if role == "public" { "PUBLIC".to_owned() } else { quote::identifier(role) }
}

/// `POLICY "own" ON "public"."study"`
pub(in crate::catalog) fn policy_object(table: &Table, name: &str) -> String {
    format!("POLICY {} ON {}", quote::identifier(name), table.name.quoted())
}
