use super::alteration::{Alteration, alter_comment};
use crate::catalog::acl::parse_role;
use crate::catalog::database::{DefaultGrant, USER_MAPPING, designation};
use crate::catalog::ddl::{
    alter_default, changed_options, default_grant, enabled, generic_grants, server_grants,
    take_default_grant, wrapper_grants,
};
use crate::catalog::operation::operation::Action;
use crate::catalog::operation::transition::Transition;
use crate::text::quote;

impl Transition<'_> {
    pub(super) fn alter_generic(&self, kind: &str, name: &str) -> Option<Vec<Alteration>> {
        let key = (kind.to_owned(), name.to_owned());
        let (was, is) = (self.from.catalog().objects.get(&key)?, self.to.catalog().objects.get(&key)?);
        let (named, mut all) = (designation(kind, name), Vec::new());
        if let (Some(owner), Some(now)) = (&was.owner, &is.owner) {
            all.extend(self.alter_owner(&named, (owner, now)));
            all.push(self.alter_grants(&generic_grants(&named, now), (&was.grants, &is.grants)));
        }
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        if kind == USER_MAPPING {
            all.extend(self.alter_user_mapping(name)?);
        }
        Some(all)
    }

    pub(super) fn alter_schema(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) = (self.from.catalog().namespaces.get(name)?, self.to.catalog().namespaces.get(name)?);
        let named = format!("SCHEMA {}", quote::identifier(name));
        let grants = self.to.ddl.schema_grants(name, is);
        let mut all = self.alter_owner(&named, (&was.owner, &is.owner));
        all.push(self.alter_grants(&grants, (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_extension(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) = (self.from.catalog().extensions.get(name)?, self.to.catalog().extensions.get(name)?);
        let named = format!("EXTENSION {}", quote::identifier(name));
        let mut statements = Vec::new();
        if was.version != is.version && !is_earlier(&is.version, &was.version) {
            statements.push(format!("ALTER {named} UPDATE TO {}", quote::literal(&is.version)));
        }
        if was.schema != is.schema && was.relocatable {
            statements.push(format!("ALTER {named} SET SCHEMA {}", quote::identifier(&is.schema)));
        }
        Some(vec![Alteration::of(statements), alter_comment(&named, (&was.comment, &is.comment))])
    }

    pub(super) fn alter_wrapper(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) = (self.from.catalog().wrappers.get(name)?, self.to.catalog().wrappers.get(name)?);
        let named = format!("FOREIGN DATA WRAPPER {}", quote::identifier(name));
        let mut statements = Vec::new();
        for (word, was, is) in
            [("HANDLER", &was.handler, &is.handler), ("VALIDATOR", &was.validator, &is.validator)]
        {
            let function = is.as_ref().map_or_else(|| format!("NO {word}"), |name| format!("{word} {name}"));
            statements.extend((was != is).then(|| format!("ALTER {named} {function}")));
        }
        statements.extend(alter_options(&named, &was.options, &is.options));
        let mut all = vec![Alteration::of(statements)];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(self.alter_grants(&wrapper_grants(name, is), (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_server(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) = (self.from.catalog().servers.get(name)?, self.to.catalog().servers.get(name)?);
        let named = format!("SERVER {}", quote::identifier(name));
        let mut statements = Vec::new();
        if was.version != is.version {
            let version = quote::optional(is.version.as_deref());
            statements.push(format!("ALTER {named} VERSION {version}"));
        }
        statements.extend(alter_options(&named, &was.options, &is.options));
        let mut all = vec![Alteration::of(statements)];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(self.alter_grants(&server_grants(name, is), (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_publication(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) =
            (self.from.catalog().publications.get(name)?, self.to.catalog().publications.get(name)?);
        let named = format!("PUBLICATION {}", quote::identifier(name));
        let mut statements = Vec::new();
        if (&was.publish, was.via_root) != (&is.publish, is.via_root) {
            let (publish, root) = (quote::literal(&is.publish), is.via_root);
            statements.push(format!(
                "ALTER {named} SET (publish = {publish}, publish_via_partition_root = {root})"
            ));
        }
        let schemas = |some: &[String], others: &[String], word: &str| -> Vec<String> {
            let some = some.iter().filter(|schema| !others.contains(schema));
            some.map(|schema| format!("ALTER {named} {word} TABLES IN SCHEMA {}", quote::identifier(schema)))
                .collect()
        };
        statements.extend(schemas(&was.schemas, &is.schemas, "DROP"));
        statements.extend(schemas(&is.schemas, &was.schemas, "ADD"));
        let mut all = vec![Alteration::of(statements)];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_event_trigger(&self, name: &str) -> Option<Vec<Alteration>> {
        let (was, is) =
            (self.from.catalog().event_triggers.get(name)?, self.to.catalog().event_triggers.get(name)?);
        let named = format!("EVENT TRIGGER {}", quote::identifier(name));
        let enable = (was.enabled != is.enabled).then(|| format!("ALTER {named} {}", enabled(is.enabled)));
        let mut all = vec![Alteration::of(enable.into_iter().collect())];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_default_grant(&self, grant: &DefaultGrant) -> Option<Vec<Alteration>> {
        let (was, is) =
            (self.from.catalog().default_grants.get(grant), self.to.catalog().default_grants.get(grant));
        let changed = was != is && self.to.ddl.has_access();
        let statements = if changed { default_grants(grant, was, is) } else { Vec::new() };
        Some(vec![Alteration { action: Action::Grant, ..Alteration::of(statements) }])
    }
}

/// Whether a version of an extension is earlier than another: extensions have no updates back.
pub(in crate::catalog::operation) fn is_earlier(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect()
    };
    numbers(version) < numbers(than)
}

/// The statements that turn some default privileges into others; without any, PostgreSQL's own come back.
pub(in crate::catalog::operation) fn default_grants(
    grant: &DefaultGrant,
    was: Option<&Vec<String>>,
    is: Option<&Vec<String>>,
) -> Vec<String> {
    let alter = alter_default(grant);
    let given = was.into_iter().flatten().filter_map(|item| parse_role(item));
    let mut statements: Vec<String> =
        given.map(|role| format!("{alter} REVOKE ALL ON {} FROM {role}", grant.objects)).collect();
    match is {
        Some(is) => statements.extend(default_grant(grant, is)),
        None => {
            statements.extend(take_default_grant(grant).into_iter().map(|take| {
                take.replacen(" REVOKE ALL ON ", " GRANT ALL ON ", 1).replacen(" FROM ", " TO ", 1)
            }))
        }
    }
    statements
}

pub(super) fn alter_options(named: &str, was: &[String], is: &[String]) -> Option<String> {
    (was != is).then(|| format!("ALTER {named} OPTIONS ({})", changed_options(is, was)))
}
