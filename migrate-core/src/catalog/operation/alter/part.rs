use super::alteration::{Alteration, alter_comment};
use super::table::alter_parameters;
use crate::catalog::constraint::Constraint;
use crate::catalog::ddl::{
    cluster, constraint_object, index_name, index_target, policy_object, replica_identity, rule_object,
    set_enabled, set_rule_enabled, set_tablespace, trigger_object,
};
use crate::catalog::difference::CatalogObject;
use crate::catalog::index::Index;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::operation::node::Node;
use crate::catalog::operation::replacement::both;
use crate::catalog::operation::transition::Transition;
use crate::catalog::table::Table;
use crate::text::quote;

impl<'a> Transition<'a> {
    pub(super) fn alter_constraint(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, owner_now) = self.tables(table)?;
        let (was, is) = both(&owner.constraints, &owner_now.constraints, name)?;
        let validate = !was.validated && is.validated && was.definition != is.definition;
        let validate = validate.then(|| {
            format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", table.quoted(), quote::identifier(name))
        });
        let mut all = vec![Alteration::of(validate.into_iter().collect())];
        all.push(alter_comment(&constraint_object(owner_now, name), (&was.comment, &is.comment)));
        let indexes = (constraint_index(owner, name, was), constraint_index(owner_now, name, is));
        if let (Some((_, was)), Some((index, is))) = indexes {
            let named = format!("INDEX {}", index_name(owner_now, index));
            let object = CatalogObject { kind: "index".to_owned(), name: format!("{table}.{index}") };
            let options = alter_parameters(&format!("ALTER {named}"), &was.options, &is.options);
            let comment = alter_comment(&named, (&was.comment, &is.comment));
            let own = [Alteration::of(options), comment];
            all.extend(own.map(|it| Alteration { part: Some(object.clone()), ..it }));
        }
        Some(all)
    }

    pub(super) fn alter_index(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, owner_now) = self.tables(table)?;
        let (was, is) = both(&owner.indexes, &owner_now.indexes, name)?;
        let named = format!("INDEX {}", index_name(owner_now, name));
        // A partitioned table's index becomes valid when its parts are attached.
        let rebuild = is.valid && !was.valid && !is.definition.contains(" ON ONLY ");
        let mut statements: Vec<String> = rebuild.then(|| format!("REINDEX {named}")).into_iter().collect();
        if was.tablespace != is.tablespace {
            statements.push(set_tablespace(owner_now, name, is.tablespace.as_deref()));
        }
        if was.statistics != is.statistics {
            let gone = was.statistics.iter().map(|(number, _)| (*number, -1));
            let targets = gone.chain(is.statistics.iter().copied());
            statements.extend(targets.map(|(number, target)| index_target(owner_now, name, number, target)));
        }
        Some(vec![Alteration::of(statements), alter_comment(&named, (&was.comment, &is.comment))])
    }

    pub(super) fn alter_trigger(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, owner_now) = self.tables(table)?;
        let (was, is) = both(&owner.triggers, &owner_now.triggers, name)?;
        let enable = (was.enabled != is.enabled).then(|| set_enabled(owner_now, name, is));
        let comment = alter_comment(&trigger_object(owner_now, name), (&was.comment, &is.comment));
        Some(vec![Alteration::of(enable.into_iter().collect()), comment])
    }

    pub(super) fn alter_rule(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, owner_now) = self.tables(table)?;
        let (was, is) = both(&owner.rules, &owner_now.rules, name)?;
        let enable = (was.enabled != is.enabled).then(|| set_rule_enabled(owner_now, name, is));
        let comment = alter_comment(&rule_object(owner_now, name), (&was.comment, &is.comment));
        Some(vec![Alteration::of(enable.into_iter().collect()), comment])
    }

    pub(super) fn alter_policy(&self, table: &QualifiedName, name: &str) -> Option<Vec<Alteration>> {
        let (owner, owner_now) = self.tables(table)?;
        let (was, is) = both(&owner.policies, &owner_now.policies, name)?;
        Some(vec![alter_comment(&policy_object(owner_now, name), (&was.comment, &is.comment))])
    }

    pub(super) fn alter_index_choice(
        &self,
        node: Node<'a>,
        table: &QualifiedName,
    ) -> Option<Vec<Alteration>> {
        let (was, is) = self.tables(table)?;
        let clustered = |table: &'a Table| -> Option<&'a str> {
            table.indexes.iter().find(|(_, index)| index.clustered).map(|(name, _)| name.as_str())
        };
        let statement = match node {
            Node::Cluster(_) => (clustered(was) != clustered(is)).then(|| cluster(is, clustered(is))),
            _ => (was.replica_identity != is.replica_identity).then(|| replica_identity(is)),
        };
        Some(vec![Alteration::of(statement.into_iter().collect())])
    }
}

fn constraint_index<'t>(table: &'t Table, name: &str, _: &Constraint) -> Option<(&'t String, &'t Index)> {
    table.indexes.iter().find(|(_, index)| index.constraint.as_deref() == Some(name))
}
