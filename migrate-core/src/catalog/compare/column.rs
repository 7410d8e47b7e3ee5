use super::comparison::{Comparison, object, pairs};
use super::difference::CatalogObject;
use super::table::{TableWithOid, changed_options};
use crate::catalog::column::{Column, Generation};
use crate::catalog::ddl::{
    alter, alter_column, column_object, parameters, set_compression, set_default, set_required,
    set_statistics, set_storage,
};
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

type Placed<'a> = (i16, &'a Column);

impl Comparison<'_> {
    pub(super) fn columns(&mut self, before: TableWithOid<'_>, after: TableWithOid<'_>) {
        let view = matches!(before.1.relation, Relation::View { .. } | Relation::Materialized { .. });
        for (name, pair) in pairs(named(before.1), named(after.1)) {
            let object = object("column", format!("{}.{name}", before.1.name));
            match pair {
                (Some(was), Some(is)) => self.column(&object, (before, was), (after, is)),
                // The query of a view determines its columns.
                _ if view => {}
                (Some((number, column)), None) => {
                    let (oid, table) = before;
                    let definition = self.before.column(oid, number, table, column);
                    let mut fix =
                        vec![format!("ALTER TABLE {} ADD COLUMN {definition}", table.name.quoted())];
                    fix.extend(self.before.default_apart(oid, number, table, column));
                    fix.extend(self.before.column_rest(table, column));
                    self.missing(object, fix);
                }
                (None, _) => {
                    let drop = format!("{} DROP COLUMN {}", alter(after.1), quote::identifier(name));
                    self.added(object, drop);
                }
            }
        }
    }

    fn column(
        &mut self,
        object: &CatalogObject,
        (before, (number, was)): (TableWithOid<'_>, Placed<'_>),
        (after, (number_now, is)): (TableWithOid<'_>, Placed<'_>),
    ) {
        let table = before.1;
        let alter = alter_column(table, was);
        self.aspect(object, "type", (&was.kind, &is.kind), || {
            let name = quote::identifier(&was.name);
            vec![format!("{alter} TYPE {} USING {name}::{}", was.kind, was.kind)]
        });
        self.aspect(object, "collation", (&was.collation, &is.collation), || {
            let collation = was.collation.as_ref().map(|collation| format!(" COLLATE {collation}"));
            vec![format!("{alter} TYPE {}{}", was.kind, collation.unwrap_or_default())]
        });
        let words = (word(was), word(is));
        // A sequence that is created again must get back its privileges and comment.
        let own = self.before.identity_sequence(before.0, number).filter(|_| is.generation.is_none());
        let rest = own.map(|sequence| self.before.sequence_rest(sequence)).unwrap_or_default();
        let identity = self.before.identity_of(before.0, number, table, was);
        self.aspect(object, "generation", (&words.0, &words.1), || {
            let mut statements = generate(&alter, &identity, was, is);
            statements.extend(rest);
            statements
        });
        self.aspect(object, "default", (&was.default, &is.default), || match was.generation {
            Some(Generation::Stored | Generation::Virtual) => Vec::new(),
            _ => vec![set_default(table, was)],
        });
        let sequence = |it: Option<&crate::catalog::sequence::Sequence>| it.map(|it| it.name.to_string());
        let sequences = (
            sequence(self.before.identity_sequence(before.0, number)),
            sequence(self.after.identity_sequence(after.0, number_now)),
        );
        if sequences.0.is_some() && sequences.1.is_some() {
            self.aspect(object, "sequence", (&sequences.0, &sequences.1), Vec::new);
        }
        self.aspect(object, "NOT NULL", (&was.required, &is.required), || vec![set_required(table, was)]);
        self.aspect(object, "storage", (&was.storage, &is.storage), || {
            vec![set_storage(table, was).unwrap_or_else(|| format!("{alter} SET STORAGE DEFAULT"))]
        });
        self.aspect(object, "compression", (&was.compression, &is.compression), || {
            vec![set_compression(table, was)]
        });
        self.aspect(object, "statistics", (&was.statistics, &is.statistics), || {
            vec![set_statistics(table, was)]
        });
        self.aspect(object, "options", (&was.options, &is.options), || options(&alter, table, was, is));
        self.aspect(object, "inherited", (&was.inherited, &is.inherited), Vec::new);
        let grants = self.before.column_grants(table, was);
        self.grants(object, &grants, (&was.grants, &is.grants));
        self.comment(object, &column_object(table, was), (&was.comment, &is.comment));
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

fn generate(alter: &str, identity: &str, was: &Column, is: &Column) -> Vec<String> {
    use Generation::{Always, ByDefault, Stored, Virtual};
    match (was.generation, is.generation) {
        (Some(Always), Some(ByDefault)) => vec![format!("{alter} SET GENERATED ALWAYS")],
        (Some(ByDefault), Some(Always)) => vec![format!("{alter} SET GENERATED BY DEFAULT")],
        (Some(Always | ByDefault), None) => {
            vec![format!("{alter} ADD{identity}")]
        }
        (None, Some(Always | ByDefault)) => vec![format!("{alter} DROP IDENTITY")],
        (None, Some(Stored)) => vec![format!("{alter} DROP EXPRESSION")],
        (Some(Stored | Virtual), _) | (_, Some(Stored | Virtual)) => Vec::new(),
        (Some(Always), Some(Always)) | (Some(ByDefault), Some(ByDefault)) | (None, None) => Vec::new(),
    }
}

fn options(alter: &str, table: &Table, was: &Column, is: &Column) -> Vec<String> {
    if matches!(table.relation, Relation::Foreign { .. }) {
        let alter = alter.replacen("ALTER TABLE", "ALTER FOREIGN TABLE", 1);
        return vec![format!("{alter} OPTIONS ({})", changed_options(&was.options, &is.options))];
    }
    let set = (!was.options.is_empty()).then(|| format!("{alter} SET ({})", parameters(&was.options)));
    let names = |column: &'_ Column| -> Vec<String> {
        column.options.iter().filter_map(|option| Some(option.split_once('=')?.0.to_owned())).collect()
    };
    let gone = names(is).into_iter().filter(|name| !names(was).contains(name));
    let gone = gone.map(|name| format!("{alter} RESET ({})", quote::identifier(&name)));
    set.into_iter().chain(gone).collect()
}
