use super::comparison::{Comparison, object};
use super::outside::has;
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::DdlScript;
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::sequence::Sequence;
use crate::text::quote;

impl Comparison<'_> {
    pub(super) fn sequences(&mut self) {
        for (name, pair) in pairs(named(self.before.catalog), named(self.after.catalog)) {
            let object = object("sequence", name.to_string());
            match pair {
                (Some(before), Some(after)) => self.sequence(&object, before, after),
                // A sequence that belongs to a column is created and dropped with its table, or, if it belongs to an
                // identity column, with the column.
                (Some(before), None) if goes_along(before, &self.before, &self.after) => {}
                (None, Some(after)) if goes_along(after, &self.after, &self.before) => {}
                (Some(_), None) => self.missing(object),
                (None, _) => self.added(object),
            }
        }
    }

    fn sequence(&mut self, object: &CatalogObject, before: &Sequence, after: &Sequence) {
        self.aspect(object, "type", (&before.kind, &after.kind));
        self.aspect(object, "numbers", (&numbers(before), &numbers(after)));
        self.aspect(object, "identity", (&before.identity, &after.identity));
        let owners = (owned_by(self.before.catalog, before), owned_by(self.after.catalog, after));
        self.aspect(object, "column", (&owners.0, &owners.1));
        self.aspect(object, "unlogged", (&before.unlogged, &after.unlogged));
        // A sequence that belongs to a table has the table's owner.
        if before.owned_by.is_none() || after.owned_by.is_none() {
            self.owner(object, (&before.owner, &after.owner));
        }
        self.grants(object, (&before.grants, &after.grants));
        self.comment(object, (&before.comment, &after.comment));
    }
}

fn goes_along(sequence: &Sequence, here: &DdlScript<'_>, there: &DdlScript<'_>) -> bool {
    let owner = sequence.owned_by.map(|(table, _)| table);
    sequence.identity || owner.is_some_and(|table| !has(there.catalog, here.catalog, table))
}

fn named(catalog: &Catalog) -> Vec<(&QualifiedName, &Sequence)> {
    catalog.sequences.values().map(|sequence| (&sequence.name, sequence)).collect()
}

fn numbers(sequence: &Sequence) -> String {
    let cycle = if sequence.cycle { " CYCLE" } else { "" };
    let numbers: Vec<String> = sequence.numbers.iter().map(i64::to_string).collect();
    format!("{}{cycle}", numbers.join(" "))
}

fn owned_by(catalog: &Catalog, sequence: &Sequence) -> Option<String> {
    let (table, number) = sequence.owned_by?;
    let table = catalog.tables.get(&table)?;
    let column = table.columns.get(&number)?;
    Some(format!("{}.{}", table.name.quoted(), quote::identifier(&column.name)))
}
