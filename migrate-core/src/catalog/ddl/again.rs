//! Objects of a database that are dropped and made again in it.

use super::comment::comments;
use super::function::signature;
use super::grant::Grants;
use super::relation::{alter_column, policy_object, rule_object, trigger_object, word};
use super::script::DdlScript;
use super::types::{domain_check, type_part};
use crate::catalog::acl::{AclItem, role};
use crate::catalog::namespace::Oid;
use crate::catalog::object_part::ObjectPart;
use crate::catalog::types::TypeKind;
use crate::text::quote;

impl DdlScript<'_> {
    /// The statements that drop the objects, each before those that it needs.
    pub(crate) fn drops(&self) -> Vec<String> {
        let late = self.parts.iter().filter(|part| {
            matches!(
                part,
                ObjectPart::Rule(..)
                    | ObjectPart::Policy(..)
                    | ObjectPart::Trigger(..)
                    | ObjectPart::DomainCheck(..)
            )
        });
        let ordered = self.in_order();
        // What belongs to a view is dropped with it.
        let alone = ordered
            .iter()
            .rev()
            .filter(|part| matches!(part, ObjectPart::Table(_)) || self.parts.contains(*part));
        late.chain(alone).flat_map(|part| self.drop_part(part)).collect()
    }

    fn drop_part(&self, part: &ObjectPart) -> Vec<String> {
        let table = part.table().and_then(|oid| self.catalog.tables.get(&oid));
        let name = table.map(|table| table.name.quoted()).unwrap_or_default();
        match (part, table) {
            (ObjectPart::Table(_), Some(table)) => vec![format!("DROP {} {name}", word(table))],
            (ObjectPart::Column(_, number), Some(table)) => {
                let column = table.columns.get(number).map(|column| quote::identifier(&column.name));
                column.map(|column| format!("ALTER TABLE {name} DROP COLUMN {column}")).into_iter().collect()
            }
            (ObjectPart::Default(_, number), Some(table)) => {
                let column = table.columns.get(number);
                column.map(|column| alter_column(table, column) + " DROP DEFAULT").into_iter().collect()
            }
            (ObjectPart::Constraint(_, constraint), Some(_)) => {
                vec![format!("ALTER TABLE {name} DROP CONSTRAINT {}", quote::identifier(constraint))]
            }
            (ObjectPart::Index(_, index), Some(table)) => {
                let schema = quote::identifier(&table.name.schema);
                vec![format!("DROP INDEX {schema}.{}", quote::identifier(index))]
            }
            (ObjectPart::Rule(_, rule), Some(table)) => vec![format!("DROP {}", rule_object(table, rule))],
            (ObjectPart::Policy(_, policy), Some(table)) => {
                vec![format!("DROP {}", policy_object(table, policy))]
            }
            (ObjectPart::Function(oid), _) => {
                let function = self.catalog.functions.get(oid);
                function.map(|function| format!("DROP {}", signature(function))).into_iter().collect()
            }
            (ObjectPart::Trigger(_, trigger), Some(table)) => {
                vec![format!("DROP {}", trigger_object(table, trigger))]
            }
            (ObjectPart::DomainCheck(domain, check), _) => {
                let domain = self.catalog.types.get(domain).map(|domain| domain.name.quoted());
                let check = quote::identifier(check);
                domain.map(|it| format!("ALTER DOMAIN {it} DROP CONSTRAINT {check}")).into_iter().collect()
            }
            (
                ObjectPart::Type(_)
                | ObjectPart::Named(..)
                | ObjectPart::Sequence(_)
                | ObjectPart::Statistics(_),
                _,
            )
            | (_, None) => Vec::new(),
        }
    }

    /// The statements that make an object again that comes after all others.
    pub(super) fn late_part(&self, part: &ObjectPart) -> Vec<String> {
        let table = part.table().and_then(|oid| self.catalog.tables.get(&oid));
        match (part, table) {
            (ObjectPart::Rule(_, name), Some(table)) => {
                table.rules.get(name).map(|rule| self.rule(table, name, rule)).unwrap_or_default()
            }
            (ObjectPart::Policy(_, name), Some(table)) => {
                table.policies.get(name).map(|policy| self.policy(table, name, policy)).unwrap_or_default()
            }
            (ObjectPart::Trigger(_, name), Some(table)) => {
                let trigger = table.triggers.get(name);
                trigger.map(|trigger| self.trigger(table, name, trigger)).unwrap_or_default()
            }
            (ObjectPart::DomainCheck(domain, check), _) => self.check_again(*domain, check),
            _ => Vec::new(),
        }
    }

    fn check_again(&self, domain: Oid, check: &str) -> Vec<String> {
        let Some(domain) = self.catalog.types.get(&domain) else { return Vec::new() };
        let TypeKind::Domain { checks, .. } = &domain.kind else { return Vec::new() };
        let name = domain.name.quoted();
        let own = checks.iter().filter(|(name, _)| name == check);
        let mut sql: Vec<String> =
            own.map(|(_, definition)| domain_check(&name, check, definition)).collect();
        let text = domain.comments.get(check);
        sql.extend(comments(&type_part(domain, check), text));
        sql
    }

    /// The privileges of an object that was just created, without those that default privileges added. `objects` is
    /// the kind's word in ALTER DEFAULT PRIVILEGES.
    pub(super) fn granted(
        &self,
        grants: &Grants<'_>,
        items: Option<&Vec<String>>,
        (objects, schema): (&str, &str),
    ) -> Vec<String> {
        let present = self.present.map(|catalog| &catalog.default_grants);
        let added = present.into_iter().flatten().filter(|(default, _)| {
            default.objects == objects && default.schema.as_deref().is_none_or(|of| of == schema)
        });
        let items_added: Vec<&String> = added.flat_map(|(_, items)| items).collect();
        if items_added.is_empty() {
            return grants.statements(items, false);
        }
        let mut to: Vec<String> =
            items_added.into_iter().filter_map(|item| AclItem::parse(item)).map(|item| item.to).collect();
        to.sort();
        to.dedup();
        to.retain(|to| to != grants.owner);
        let taken = to.iter().map(|to| format!("REVOKE ALL ON {} FROM {}", grants.on, role(to)));
        taken.chain(grants.statements(items, true)).collect()
    }
}
