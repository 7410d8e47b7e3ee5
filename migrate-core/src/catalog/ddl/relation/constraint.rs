use super::table::{Shape, alter, partition};
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

impl DdlScript<'_> {
    /// Whether it is a part of CREATE TABLE.
    pub(in crate::catalog) fn is_inline(
        &self,
        oid: Oid,
        table: &Table,
        name: &str,
        constraint: &Constraint,
    ) -> bool {
        let calls = self.catalog.uses.get(&ObjectPart::Constraint(oid, name.to_owned()));
        let is_made = |part: &ObjectPart| matches!(part, ObjectPart::Type(_)) || part.table() == Some(oid);
        let calls = !calls.into_iter().flatten().all(is_made);
        let divided = matches!(&table.relation, Relation::Table { partitioned_by: Some(_), .. });
        let shape = self.shape(table);
        let own = !constraint.inherited || shape == Shape::Attached;
        !calls
            && constraint.validated
            && match constraint.kind {
                ConstraintKind::Check => own && shape != Shape::Partition,
                // Constraints of partitions are created one by one, and then attached to that of the partitioned table.
                ConstraintKind::Primary | ConstraintKind::Unique | ConstraintKind::Exclude => {
                    !divided && partition(table).is_none() && own && !is_repeated(table, name, constraint)
                }
                ConstraintKind::Foreign(_) => false,
            }
    }

    /// Whether it needs a separate statement, before foreign keys.
    pub(in crate::catalog) fn is_apart(
        &self,
        oid: Oid,
        table: &Table,
        name: &str,
        constraint: &Constraint,
    ) -> bool {
        if self.is_inline(oid, table, name, constraint) {
            return false;
        }
        match constraint.kind {
            // An inherited one that CREATE TABLE could not list comes with its parent's.
            ConstraintKind::Check => !constraint.inherited,
            ConstraintKind::Primary | ConstraintKind::Unique | ConstraintKind::Exclude => true,
            ConstraintKind::Foreign(_) => false,
        }
    }

    pub(in crate::catalog) fn constraint(
        &self,
        table: &Table,
        name: &str,
        constraint: &Constraint,
    ) -> Vec<String> {
        let mut statements = vec![add_constraint(table, name, constraint)];
        statements.extend(self.constraint_index(table, name));
        statements.extend(self.validations(table, name, constraint));
        statements.extend(self.constraint_comment(table, name, constraint));
        statements
    }

    /// A check that is NOT VALID is not valid for partitions and children either, though they may have been found to
    /// satisfy it.
    fn validations(&self, table: &Table, name: &str, constraint: &Constraint) -> Vec<String> {
        if constraint.validated || constraint.kind != ConstraintKind::Check {
            return Vec::new();
        }
        let (mut above, mut statements) = (vec![&table.name], Vec::new());
        while let Some(parent) = above.pop() {
            for child in self.children(parent) {
                if child.constraints.get(name).is_some_and(|own| own.inherited && own.validated) {
                    let name = quote::identifier(name);
                    statements
                        .push(format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", child.name.quoted()));
                }
                above.push(&child.name);
            }
        }
        statements
    }

    fn children<'c>(&'c self, parent: &'c QualifiedName) -> impl Iterator<Item = &'c Table> {
        let is_parent =
            move |oid: &Oid| self.catalog.tables.get(oid).is_some_and(|table| table.name == *parent);
        self.catalog.tables.values().filter(move |table| {
            partition(table).into_iter().map(|partition| &partition.of).chain(&table.inherits).any(is_parent)
        })
    }

    pub(in crate::catalog) fn constraint_comment(
        &self,
        table: &Table,
        name: &str,
        constraint: &Constraint,
    ) -> Option<String> {
        comments(&constraint_object(table, name), constraint.comment.as_ref())
    }

    /// Those of partitions come before those of the tables that they are partitions of.
    pub(in crate::catalog) fn all_foreign_keys(&self) -> Vec<String> {
        let depth = |table: &Table| {
            let above = |table: &Table| self.catalog.tables.get(&partition(table)?.of);
            std::iter::successors(above(table), |table| above(table)).count()
        };
        let tables = self.catalog.tables.iter().filter(|(oid, _)| self.has(**oid));
        let mut tables: Vec<_> = tables.map(|(oid, table)| (depth(table), &table.name, *oid)).collect();
        tables.sort_by_key(|(depth, name, _)| (std::cmp::Reverse(*depth), *name));
        tables.into_iter().flat_map(|(_, _, oid)| self.foreign_keys(oid)).collect()
    }

    pub(in crate::catalog) fn foreign_keys(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        let above = partition(table).and_then(|partition| self.catalog.tables.get(&partition.of));
        // One of another name than its parent's must be there when the parent's is created.
        let is_own = |name: &String, constraint: &Constraint| {
            !constraint.inherited || above.is_some_and(|above| !above.constraints.contains_key(name))
        };
        let keys = table.constraints.iter().filter(|(name, constraint)| {
            matches!(constraint.kind, ConstraintKind::Foreign(_)) && is_own(name, constraint)
        });
        keys.flat_map(|(name, constraint)| self.constraint(table, name, constraint)).collect()
    }
}

/// Whether CREATE TABLE would take it for the same as another one.
fn is_repeated(table: &Table, name: &str, constraint: &Constraint) -> bool {
    let columns = |constraint: &'_ Constraint| {
        constraint.definition.split_once('(').map(|(_, columns)| columns.to_owned())
    };
    let mut others = table.constraints.iter().filter(|(other, _)| *other != name);
    constraint.kind == ConstraintKind::Unique
        && others.any(|(_, other)| {
            matches!(other.kind, ConstraintKind::Primary | ConstraintKind::Unique)
                && columns(other) == columns(constraint)
        })
}

pub(in crate::catalog) fn add_constraint(table: &Table, name: &str, constraint: &Constraint) -> String {
    // Checks and foreign keys are inherited by partitions and children; constraints with an index are attached.
    let alter = match constraint.kind {
        ConstraintKind::Check | ConstraintKind::Foreign(_) => format!("ALTER TABLE {}", table.name.quoted()),
        ConstraintKind::Primary | ConstraintKind::Unique | ConstraintKind::Exclude => alter(table),
    };
    format!("{alter} ADD CONSTRAINT {} {}", quote::identifier(name), constraint.definition)
}

/// `CONSTRAINT "study_pk" ON "public"."study"`
pub(in crate::catalog) fn constraint_object(table: &Table, name: &str) -> String {
    format!("CONSTRAINT {} ON {}", quote::identifier(name), table.name.quoted())
}
