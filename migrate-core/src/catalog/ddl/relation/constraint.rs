use super::table::{Shape, alter, partition};
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
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
                    !divided && partition(table).is_none() && own
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
            ConstraintKind::Check => !constraint.inherited || self.shape(table) == Shape::Attached,
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
        statements.extend(self.constraint_comment(table, name, constraint));
        statements
    }

    pub(in crate::catalog) fn constraint_comment(
        &self,
        table: &Table,
        name: &str,
        constraint: &Constraint,
    ) -> Option<String> {
        comments(&constraint_object(table, name), constraint.comment.as_ref())
    }

    pub(in crate::catalog) fn foreign_keys(&self, oid: Oid) -> Vec<String> {
        let Some(table) = self.catalog.tables.get(&oid) else { return Vec::new() };
        let keys = table.constraints.iter().filter(|(_, constraint)| {
            matches!(constraint.kind, ConstraintKind::Foreign(_)) && !constraint.inherited
        });
        keys.flat_map(|(name, constraint)| self.constraint(table, name, constraint)).collect()
    }
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
