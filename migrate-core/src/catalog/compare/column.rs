use super::comparison::{Comparison, object};
use super::table::TableWithOid;
use crate::catalog::column::{Column, Generation};
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::sequence::Sequence;
use crate::catalog::table::{Relation, Table};

type Placed<'a> = (i16, &'a Column);

impl Comparison<'_> {
    pub(super) fn columns(&mut self, before: TableWithOid<'_>, after: TableWithOid<'_>) {
        let view = matches!(before.1.relation, Relation::View { .. } | Relation::Materialized { .. });
        for (name, pair) in pairs(named(before.1), named(after.1)) {
            let object = object("column", format!("{}.{name}", before.1.name));
            match pair {
                (Some(was), Some(is)) => self.column(&object, (before.0, was), (after.0, is)),
                // The query of a view determines its columns.
                _ if view => {}
                (Some(_), None) => self.missing(object),
                (None, _) => self.added(object),
            }
        }
    }

    fn column(
        &mut self,
        object: &CatalogObject,
        (before, (number, was)): (u32, Placed<'_>),
        (after, (number_now, is)): (u32, Placed<'_>),
    ) {
        self.aspect(object, "type", (&was.kind, &is.kind));
        self.aspect(object, "collation", (&was.collation, &is.collation));
        self.aspect(object, "generation", (&word(was), &word(is)));
        self.aspect(object, "default", (&was.default, &is.default));
        let sequence = |it: Option<&Sequence>| it.map(|it| it.name.to_string());
        let sequences = (
            sequence(self.before.identity_sequence(before, number)),
            sequence(self.after.identity_sequence(after, number_now)),
        );
        if sequences.0.is_some() && sequences.1.is_some() {
            self.aspect(object, "sequence", (&sequences.0, &sequences.1));
        }
        self.aspect(object, "NOT NULL", (&was.required, &is.required));
        self.aspect(object, "storage", (&was.storage, &is.storage));
        self.aspect(object, "compression", (&was.compression, &is.compression));
        self.aspect(object, "statistics", (&was.statistics, &is.statistics));
        self.aspect(object, "options", (&was.options, &is.options));
        self.aspect(object, "inherited", (&was.inherited, &is.inherited));
        self.grants(object, (&was.grants, &is.grants));
        self.comment(object, (&was.comment, &is.comment));
    }
}

fn named(table: &Table) -> Vec<(&str, Placed<'_>)> {
    table.columns.iter().map(|(number, column)| (column.name.as_str(), (*number, column))).collect()
}

fn word(column: &Column) -> Option<String> {
    let word = match column.generation? {
        Generation::Always => "always as identity",
        Generation::ByDefault => "by default as identity",
        Generation::Stored => "always, stored",
        Generation::Virtual => "always, virtual",
    };
    Some(word.to_owned())
}
