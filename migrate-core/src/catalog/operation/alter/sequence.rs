use super::alteration::{Alteration, alter_comment};
use crate::catalog::ddl::{sequence_grants, sequence_options};
use crate::catalog::namespace::QualifiedName;
use crate::catalog::operation::graph::Graph;
use crate::catalog::operation::transition::Transition;

impl Transition<'_> {
    pub(super) fn alter_sequence(&self, name: &QualifiedName) -> Option<Vec<Alteration>> {
        let (was, is) = (*self.from.sequences.get(name)?, *self.to.sequences.get(name)?);
        let named = format!("SEQUENCE {}", name.quoted());
        let mut statements = Vec::new();
        if (&was.kind, was.numbers, was.cycle) != (&is.kind, is.numbers, is.cycle) {
            let kind = if was.kind != is.kind { format!("AS {} ", is.kind) } else { String::new() };
            let [start, _, least, most, _] = is.numbers;
            let [was_start, ..] = was.numbers;
            let restart = match (least..=most).contains(&was_start) {
                true => String::new(),
                false => format!(" RESTART WITH {start}"),
            };
            statements.push(format!("ALTER {named} {kind}{}{restart}", sequence_options(is)));
        }
        if was.unlogged != is.unlogged {
            let word = if is.unlogged { "UNLOGGED" } else { "LOGGED" };
            statements.push(format!("ALTER {named} SET {word}"));
        }
        let mut all = vec![Alteration::of(statements)];
        // A sequence that belongs to a table has the table's owner.
        if is.owned_by.is_none() {
            all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        }
        all.push(self.alter_grants(&sequence_grants(is), (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    pub(super) fn alter_owned_by(&self, name: &QualifiedName) -> Option<Vec<Alteration>> {
        let (was, is) = (*self.from.sequences.get(name)?, *self.to.sequences.get(name)?);
        let column = |graph: &Graph<'_>, owner: Option<(u32, i16)>| {
            let (table, number) = owner?;
            let table = graph.catalog().tables.get(&table)?;
            Some((table.name.clone(), table.columns.get(&number)?.name.clone()))
        };
        let changed = column(&self.from, was.owned_by) != column(&self.to, is.owned_by);
        let statement = changed.then(|| self.to.ddl.sequence_owned_by(is));
        Some(vec![Alteration::of(statement.into_iter().collect())])
    }
}
