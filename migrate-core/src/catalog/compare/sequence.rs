use super::comparison::{Comparison, object, pairs};
use super::difference::CatalogObject;
use super::outside::has;
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{DdlScript, sequence_grants, sequence_options};
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
                (Some(before), None) => {
                    let mut fix = self.before.sequence(before);
                    if before.owned_by.is_some() {
                        fix.push(self.before.sequence_owned_by(before));
                    }
                    self.missing(object, fix);
                }
                (None, _) => self.unneeded(object, format!("DROP SEQUENCE {}", name.quoted())),
            }
        }
    }

    fn sequence(&mut self, object: &CatalogObject, before: &Sequence, after: &Sequence) {
        let named = format!("SEQUENCE {}", before.name.quoted());
        self.aspect(object, "type", (&before.kind, &after.kind), || {
            vec![format!("ALTER {named} AS {}", before.kind)]
        });
        let texts = (numbers(before), numbers(after));
        self.aspect(object, "numbers", (&texts.0, &texts.1), || {
            vec![format!("ALTER {named} {}", sequence_options(before))]
        });
        self.aspect(object, "identity", (&before.identity, &after.identity), Vec::new);
        let owners = (owned_by(self.before.catalog, before), owned_by(self.after.catalog, after));
        let fix = self.before.sequence_owned_by(before);
        self.aspect(object, "column", (&owners.0, &owners.1), || vec![fix]);
        self.aspect(object, "unlogged", (&before.unlogged, &after.unlogged), || {
            vec![format!("ALTER {named} SET {}", if before.unlogged { "UNLOGGED" } else { "LOGGED" })]
        });
        // A sequence that belongs to a table has the table's owner.
        if before.owned_by.is_none() || after.owned_by.is_none() {
            self.owner(object, &named, (&before.owner, &after.owner));
        }
        self.grants(object, &sequence_grants(before), (&before.grants, &after.grants));
        self.comment(object, &named, (&before.comment, &after.comment));
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
