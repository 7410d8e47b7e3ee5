use super::graph::{Graph, is_generated, is_view};
use super::node::Node;
use super::transition::Transition;
use crate::catalog::column::{Column, Generation};
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::database::USER_MAPPING;
use crate::catalog::ddl::{partition, table_word};
use crate::catalog::difference::is_same;
use crate::catalog::function::{Function, FunctionKind};
use crate::catalog::index::Index;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::table::{Relation, Table};
use crate::catalog::types::{DataType, TypeKind};

impl<'a> Transition<'a> {
    /// Whether a node that both catalogs have can become the other only by being dropped and created again.
    pub(super) fn must_replace(&self, node: Node<'a>) -> bool {
        match node {
            Node::Type(name) => both(&self.from.types, &self.to.types, &name).is_some_and(|(was, is)| {
                other_type(was, is) || gets_stricter(was, is) && self.is_inside_columns(node)
            }),
            Node::Function(name, types) => both(&self.from.functions, &self.to.functions, &(name, types))
                .is_some_and(|(was, is)| other_function(was, is)),
            Node::Table(name) => self.tables(name).is_some_and(|(was, is)| self.other_table(was, is)),
            Node::Column(table, name) => self.other_column(table, name),
            Node::Constraint(..)
            | Node::Index(..)
            | Node::Trigger(..)
            | Node::Rule(..)
            | Node::Policy(..) => self.other_part(node),
            Node::Statistics(name) => both(&self.from.statistics, &self.to.statistics, &name)
                .is_some_and(|(was, is)| !is_same(&was.definition, &is.definition)),
            Node::Sequence(name) => both(&self.from.sequences, &self.to.sequences, &name)
                .is_some_and(|(was, is)| was.identity != is.identity),
            Node::DomainCheck(domain, name) => {
                let checks = self.from.domain_check(domain, name).zip(self.to.domain_check(domain, name));
                checks.is_none_or(|(was, is)| !is_same(was, is))
            }
            Node::Partition(name) => self.from.partition_text(name) != self.to.partition_text(name),
            Node::OfType(name) => self.tables(name).is_some_and(|(was, is)| was.of_type != is.of_type),
            Node::IndexPart(table, name) => {
                let part = |graph: &Graph<'a>| graph.table(table)?.indexes.get(name)?.part_of.clone();
                part(&self.from) != part(&self.to)
            }
            // Its functions need it, and are dropped with the type.
            Node::Shell(name) => self.must_replace(Node::Type(name)),
            Node::Late(USER_MAPPING, _) => false,
            Node::Generic(kind, name) | Node::Late(kind, name) => {
                let key = (kind.to_owned(), name.to_owned());
                let text = |graph: &Graph<'a>| graph.catalog().objects.get(&key).map(|it| &it.create);
                text(&self.from) != text(&self.to)
            }
            Node::Server(name) => {
                let server = |graph: &Graph<'a>| {
                    graph.catalog().servers.get(name).map(|it| (it.wrapper.clone(), it.kind.clone()))
                };
                server(&self.from) != server(&self.to)
            }
            Node::Publication(name) => {
                let all = |graph: &Graph<'a>| graph.catalog().publications.get(name).map(|it| it.all_tables);
                all(&self.from) != all(&self.to)
            }
            Node::EventTrigger(name) => {
                let text = |graph: &Graph<'a>| {
                    let trigger = graph.catalog().event_triggers.get(name)?;
                    graph.ddl.event_trigger(name, trigger).into_iter().next()
                };
                text(&self.from) != text(&self.to)
            }
            Node::Schema(_)
            | Node::Extension(_)
            | Node::Wrapper(_)
            | Node::OwnedBy(_)
            | Node::Default(..)
            | Node::Parent(..)
            | Node::ReplicaIdentity(_)
            | Node::Cluster(_)
            | Node::Published(..)
            | Node::Other(..)
            | Node::DefaultGrant(_) => false,
        }
    }

    /// Whether columns hold arrays, rows or ranges of a domain, or of a domain over it: PostgreSQL does not check these.
    fn is_inside_columns(&self, node: Node<'a>) -> bool {
        let Node::Type(name) = node else { return false };
        let types = &self.from.catalog().types;
        let own = types.iter().find(|(_, it)| it.name == *name).map(|(oid, _)| *oid);
        self.from.users_of(node).any(|user| match user {
            Node::Column(table, column) => {
                let column = self.from.column(table, column);
                let stored = self.from.table(table).is_some_and(|table| !is_view(table));
                stored && column.is_some_and(|(_, column)| Some(column.type_oid) != own)
            }
            Node::Type(other) => match self.from.types.get(other).map(|it| &it.kind) {
                Some(TypeKind::Domain { .. }) => self.is_inside_columns(user),
                _ => !self.from.stored_in(user).is_empty(),
            },
            _ => false,
        })
    }

    pub(super) fn tables(&self, name: &QualifiedName) -> Option<(&'a Table, &'a Table)> {
        self.from.table(name).zip(self.to.table(name))
    }

    fn other_table(&self, was: &Table, is: &Table) -> bool {
        if table_word(was) != table_word(is) {
            return true;
        }
        match (&was.relation, &is.relation) {
            (Relation::View { query }, Relation::View { query: now }) => {
                !is_same(query, now) && !columns_continue(was, is)
            }
            (Relation::Materialized { query, .. }, Relation::Materialized { query: now, .. }) => {
                !is_same(query, now)
            }
            (Relation::Foreign { server, .. }, Relation::Foreign { server: now, .. }) => server != now,
            (Relation::Table { partitioned_by, .. }, Relation::Table { partitioned_by: now, .. }) => {
                partitioned_by != now || partitioned_by.is_some() && self.key_changes(was, is)
            }
            _ => false,
        }
    }

    /// Whether a column of the partition key changes its type.
    fn key_changes(&self, was: &Table, is: &Table) -> bool {
        was.columns.values().any(|column| {
            let now = is.columns.values().find(|it| it.name == column.name);
            let differs = now.is_none_or(|now| now.kind != column.kind || now.collation != column.collation);
            differs
                && self.from.tables.get_key_value(&was.name).is_some_and(|(name, (_, table))| {
                    let own = table.columns.values().find(|own| own.name == column.name);
                    own.is_some_and(|own| self.is_in_partition_key(Node::Column(name, &own.name)))
                })
        })
    }

    fn other_column(&self, table: &QualifiedName, name: &str) -> bool {
        let (Some((_, was)), Some((_, is))) = (self.from.column(table, name), self.to.column(table, name))
        else {
            return false;
        };
        match self.to.table(table) {
            Some(table) if is_view(table) => false,
            _ => other_generation(was, is),
        }
    }

    fn other_part(&self, node: Node<'a>) -> bool {
        let Some((was, is)) = node.table().and_then(|name| self.tables(name)) else { return false };
        match node {
            Node::Constraint(_, name) => both(&was.constraints, &is.constraints, name)
                .is_some_and(|(was, is)| other_constraint(was, is)),
            Node::Index(_, name) => {
                both(&was.indexes, &is.indexes, name)
                    .is_some_and(|(was, is)| !is_same(&was.definition, &is.definition))
                    || self.would_become_part(is, name)
            }
            // A partition gets the triggers of its partitioned table when it is attached, and loses them when it is detached.
            Node::Trigger(_, name) => both(&was.triggers, &is.triggers, name).is_some_and(|(was, is)| {
                was.inherited != is.inherited || !is_same(&was.definition, &is.definition) && !is.inherited
            }),
            Node::Rule(_, name) => both(&was.rules, &is.rules, name)
                .is_some_and(|(was, is)| !is_same(&was.definition, &is.definition)),
            Node::Policy(_, name) => {
                let text = |table: &Table| {
                    let policy = table.policies.get(name)?;
                    self.to.ddl.policy(table, name, policy).into_iter().next()
                };
                text(was).zip(text(is)).is_none_or(|(was, is)| !is_same(&was, &is))
            }
            _ => false,
        }
    }

    /// Whether an index would be attached to that of the partitioned table although another one of the same form has to be.
    fn would_become_part(&self, table: &Table, name: &str) -> bool {
        let Some(index) = table.indexes.get(name).filter(|index| index.part_of.is_none()) else {
            return false;
        };
        let form = |index: &Index| index.definition.split_once(" USING ").map(|(_, form)| form.to_owned());
        let mut parts = table.indexes.values().filter(|it| it.part_of.is_some());
        self.from.partition_text(&table.name) != self.to.partition_text(&table.name)
            && parts.any(|part| form(part) == form(index))
    }
}

impl<'a> Graph<'a> {
    pub(super) fn domain_check(&self, domain: &QualifiedName, name: &str) -> Option<&'a str> {
        let TypeKind::Domain { checks, .. } = &self.types.get(domain)?.kind else { return None };
        checks.iter().find(|(check, _)| check == name).map(|(_, definition)| definition.as_str())
    }

    fn partition_text(&self, name: &QualifiedName) -> Option<(&'a QualifiedName, &'a str)> {
        let partition = partition(self.table(name)?)?;
        Some((self.name_of(partition.of)?, &partition.bound))
    }
}

/// The values of one key in two maps.
pub(super) fn both<'m, M: Lookup<K>, K: ?Sized>(
    was: &'m M,
    is: &'m M,
    key: &K,
) -> Option<(&'m M::Value, &'m M::Value)> {
    was.value(key).zip(is.value(key))
}

pub(super) trait Lookup<K: ?Sized> {
    type Value;
    fn value(&self, key: &K) -> Option<&Self::Value>;
}

impl<V> Lookup<str> for std::collections::BTreeMap<String, V> {
    type Value = V;
    fn value(&self, key: &str) -> Option<&V> {
        self.get(key)
    }
}

impl<K: Eq + std::hash::Hash, V> Lookup<K> for std::collections::HashMap<K, V> {
    type Value = V;
    fn value(&self, key: &K) -> Option<&V> {
        self.get(key)
    }
}

/// Whether CREATE OR REPLACE VIEW accepts the new columns: the old ones, and perhaps more after them.
fn columns_continue(was: &Table, is: &Table) -> bool {
    let columns = |table: &Table| -> Vec<(String, String, Option<String>)> {
        let columns = table.columns.values();
        columns.map(|it| (it.name.clone(), it.kind.clone(), it.collation.clone())).collect()
    };
    columns(is).starts_with(&columns(was))
}

fn other_generation(was: &Column, is: &Column) -> bool {
    match (is_generated(was), is_generated(is)) {
        (false, false) => false,
        (false, true) => true,
        (true, false) => was.generation == Some(Generation::Virtual),
        (true, true) => {
            was.generation != is.generation
                || was.default != is.default
                || was.kind != is.kind
                || was.collation != is.collation
        }
    }
}

/// A constraint that becomes valid is validated.
fn other_constraint(was: &Constraint, is: &Constraint) -> bool {
    let becomes_valid = !was.validated
        && is.validated
        && matches!(is.kind, ConstraintKind::Check | ConstraintKind::Foreign(_))
        && was.definition.strip_suffix(" NOT VALID") == Some(&is.definition);
    !is_same(&was.definition, &is.definition) && !becomes_valid
}

fn other_type(was: &DataType, is: &DataType) -> bool {
    match (&was.kind, &is.kind) {
        (TypeKind::Enum(was), TypeKind::Enum(is)) => !contains_in_order(is, was),
        (
            TypeKind::Domain { base, collation, .. },
            TypeKind::Domain { base: base_now, collation: collation_now, .. },
        ) => (base, collation) != (base_now, collation_now),
        (TypeKind::Composite(was), TypeKind::Composite(is)) => {
            let kept: Vec<_> = was.iter().filter(|attribute| is.contains(attribute)).cloned().collect();
            let same_names = |(name, _): &&(String, String)| was.iter().any(|(known, _)| known == name);
            !is.starts_with(&kept) || is.iter().filter(same_names).count() != kept.len()
        }
        (was, is) => was != is,
    }
}

/// Whether a domain gets a constraint that its values have to be checked for.
fn gets_stricter(was: &DataType, is: &DataType) -> bool {
    let (
        TypeKind::Domain { checks, required, .. },
        TypeKind::Domain { checks: now, required: required_now, .. },
    ) = (&was.kind, &is.kind)
    else {
        return false;
    };
    let mut added = now.iter().filter(|check| !checks.contains(check));
    (!required && *required_now) || added.any(|(_, definition)| !definition.ends_with(" NOT VALID"))
}

/// Whether the first holds all of the second, in the same order.
fn contains_in_order(all: &[String], some: &[String]) -> bool {
    let mut all = all.iter();
    some.iter().all(|wanted| all.any(|label| label == wanted))
}

/// CREATE OR REPLACE keeps the names of arguments and the result.
fn other_function(was: &Function, is: &Function) -> bool {
    if was.definition == is.definition && was.kind == is.kind {
        return false;
    }
    was.kind != is.kind || is.kind == FunctionKind::Aggregate || head(was) != head(is)
}

/// The part of a definition before the language: name, arguments and result.
fn head(function: &Function) -> &str {
    function.definition.split_once("\n LANGUAGE ").map_or(function.definition.as_str(), |(head, _)| head)
}
