use super::graph::{is_generated, is_view};
use super::node::Node;
use super::operation::Loss;
use super::step::{Phase, Step};
use super::transition::Transition;
use crate::catalog::table::{Relation, RowPresence, Table};
use crate::catalog::types::TypeKind;

impl<'a> Transition<'a> {
    /// What rows lose by a step; nothing if there are no rows.
    pub(super) fn loss(&self, step: Step<'a>) -> Option<Loss> {
        let (phase, node) = step;
        if let (Phase::Aside | Phase::Drop, Node::Type(_)) = (phase, node) {
            return self.lost_labels(node);
        }
        let table = self.from.table(node.table()?)?;
        if table.rows == RowPresence::None || !matches!(table.relation, Relation::Table { .. }) {
            return None;
        }
        match (phase, node) {
            (Phase::Drop, Node::Table(name)) => Some(Loss::Rows(name.clone())),
            (Phase::Drop, Node::Column(name, column)) => {
                self.is_told(table, column).then(|| Loss::Values(name.clone(), column.to_owned()))
            }
            (Phase::Alter, Node::Column(name, column)) => {
                let (was, is) = (self.from.column(name, column)?.1, self.to.column(name, column)?.1);
                let narrows = was.kind != is.kind && !is_widening(&was.kind, &is.kind);
                narrows.then(|| Loss::Narrowing(name.clone(), column.to_owned()))
            }
            _ => None,
        }
    }

    /// The values of a generated column are computed again.
    fn is_told(&self, table: &Table, column: &str) -> bool {
        let generated =
            |it: Option<(i16, &crate::catalog::column::Column)>| it.is_some_and(|(_, it)| is_generated(it));
        !is_view(table) && !generated(self.from.column(&table.name, column))
    }

    fn lost_labels(&self, node: Node<'a>) -> Option<Loss> {
        let Node::Type(name) = node else { return None };
        let TypeKind::Enum(was) = &self.from.types.get(name)?.kind else { return None };
        let TypeKind::Enum(is) = &self.to.types.get(name)?.kind else { return None };
        let gone: Vec<String> = was.iter().filter(|label| !is.contains(label)).cloned().collect();
        let mut users = self.from.users_of(node).filter_map(|user| self.from.table(user.table()?));
        let held = users.any(|table| table.rows == RowPresence::Perhaps);
        (held && !gone.is_empty()).then(|| Loss::Labels(name.clone(), gone))
    }
}

/// Whether every value of one type has an equal value of the other.
pub(super) fn is_widening(was: &str, is: &str) -> bool {
    const NUMBERS: [&str; 4] = ["smallint", "integer", "bigint", "numeric"];
    let place = |kind: &str| NUMBERS.iter().position(|known| *known == kind);
    if let (Some(was), Some(is)) = (place(was), place(is)) {
        return was < is;
    }
    let length = |kind: &str| -> Option<u32> {
        let rest = kind.strip_prefix("character varying(")?;
        rest.strip_suffix(')')?.parse().ok()
    };
    if let (Some((precision, scale)), Some((precision_now, scale_now))) = (numeric(was), numeric(is)) {
        return precision <= precision_now && scale == scale_now;
    }
    match is {
        "text" => true,
        "numeric" => numeric(was).is_some(),
        "character varying" => was == "text" || was.starts_with("character"),
        "double precision" => matches!(was, "real" | "integer" | "smallint"),
        "timestamp with time zone" | "timestamp without time zone" => was == "date",
        _ => length(was).zip(length(is)).is_some_and(|(was, is)| was <= is),
    }
}

/// Precision and scale of `numeric(10,2)`.
fn numeric(kind: &str) -> Option<(u32, i32)> {
    let inside = kind.strip_prefix("numeric(")?.strip_suffix(')')?;
    let (precision, scale) = inside.split_once(',')?;
    Some((precision.parse().ok()?, scale.parse().ok()?))
}
