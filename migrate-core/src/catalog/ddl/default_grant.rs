use super::script::DdlScript;
use crate::catalog::acl::{AclItem, privilege, role};
use crate::catalog::database::DefaultGrant;
use crate::text::quote;

impl DdlScript<'_> {
    pub(super) fn default_grants(&self) -> Vec<String> {
        if !self.access {
            return Vec::new();
        }
        let grants = self.catalog.default_grants.iter();
        grants.flat_map(|(grant, items)| default_grant(grant, items)).collect()
    }
}

/// Default privileges for all schemas replace PostgreSQL's own, those for one schema are added to them.
pub(in crate::catalog) fn default_grant(grant: &DefaultGrant, items: &[String]) -> Vec<String> {
    let mut statements = take_default_grant(grant);
    for item in items.iter().filter_map(|item| AclItem::parse(item)) {
        for (passed_on, clause) in [(false, ""), (true, " WITH GRANT OPTION")] {
            let letters = item.letters.iter().filter(|(_, may)| *may == passed_on);
            let names: Vec<&str> = letters.filter_map(|(letter, _)| privilege(*letter)).collect();
            if !names.is_empty() {
                let (names, to) = (names.join(", "), role(&item.to));
                let objects = &grant.objects;
                statements.push(format!("{} GRANT {names} ON {objects} TO {to}{clause}", alter(grant)));
            }
        }
    }
    statements
}

/// Revokes the privileges that everybody and the owner would get.
pub(in crate::catalog) fn take_default_grant(grant: &DefaultGrant) -> Vec<String> {
    if grant.schema.is_some() {
        return Vec::new();
    }
    let public = matches!(grant.objects.as_str(), "FUNCTIONS" | "TYPES").then(|| "PUBLIC".to_owned());
    let from = public.into_iter().chain(Some(quote::identifier(&grant.role)));
    from.map(|from| format!("{} REVOKE ALL ON {} FROM {from}", alter(grant), grant.objects)).collect()
}

pub(in crate::catalog) fn alter(grant: &DefaultGrant) -> String {
    let schema = grant.schema.as_ref().map(|schema| format!(" IN SCHEMA {}", quote::identifier(schema)));
    let role = quote::identifier(&grant.role);
    format!("ALTER DEFAULT PRIVILEGES FOR ROLE {role}{}", schema.unwrap_or_default())
}
