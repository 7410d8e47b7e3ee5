use crate::catalog::{Catalog, Column, ConstraintKind, Generation, Oid, Table};
use crate::error::{Error, ErrorKind};
use crate::facts::mangle;

/// A field of a table: a column or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableField {
    /// A column that holds the value itself.
    Column(i16),
    /// A column with a foreign key, which holds the key of another row.
    Link {
        /// The column.
        column: i16,
        /// The table that it points to.
        target: Oid,
        /// The column there that it holds.
        key: i16,
    },
}

impl TableField {
    /// The column or link with a label, by the name that the label gives.
    pub fn find(table: &Table, label: &str) -> Option<TableField> {
        let named = |name: String| {
            table.columns.iter().find(|(_, column)| column.name == name).map(|(number, _)| *number)
        };
        if let Some(column) = named(mangle(&[label], None)) {
            return Some(TableField::Column(column));
        }
        TableField::link(table, named(mangle(&[label], Some("id")))?)
    }

    /// The link of a column, if the column alone has a foreign key.
    pub fn link(table: &Table, column: i16) -> Option<TableField> {
        table.constraints.values().find_map(|constraint| match &constraint.kind {
            ConstraintKind::Foreign(reference) if constraint.columns == [column] => {
                let key = *reference.columns.first()?;
                Some(TableField::Link { column, target: reference.table, key })
            }
            _ => None,
        })
    }

    /// The column that holds it.
    pub fn column(&self) -> i16 {
        match self {
            TableField::Column(column) | TableField::Link { column, .. } => *column,
        }
    }

    /// The field that a data fact names; data must be able to give it a value.
    pub(crate) fn of_data<'a>(table: &'a Table, label: &str) -> Result<(TableField, &'a Column), Error> {
        let name = &table.name.name;
        let found = TableField::find(table, label);
        let found = found.and_then(|field| table.columns.get(&field.column()).map(|column| (field, column)));
        let Some((field, column)) = found else { return Err(unknown(table, label)) };
        match column.generation {
            Some(Generation::Always | Generation::Stored | Generation::Virtual) => Err(Error::new(
                ErrorKind::Format,
                format!("`{label}` of `{name}` is a column whose values the server makes"),
            )
            .help("leave it out")),
            Some(Generation::ByDefault) | None => Ok((field, column)),
        }
    }
}

/// How many columns an error lists.
const LISTED: usize = 30;

fn unknown(table: &Table, label: &str) -> Error {
    let name = &table.name.name;
    let link = mangle(&[label], Some("id"));
    let error = Error::new(ErrorKind::Format, format!("`{name}` has no column or link `{label}`"));
    if table.columns.values().any(|column| column.name == link) {
        return error.help(format!("there is a column `{link}`, but no foreign key of that column alone"));
    }
    let names: Vec<&str> = table.columns.values().map(|column| column.name.as_str()).take(LISTED).collect();
    error.help(format!("its columns are: {}", names.join(", ")))
}

/// The value of a column that a row leaves out, as an SQL expression; `None` means NULL.
pub(crate) fn default(catalog: &Catalog, table: &Table, column: &Column) -> Option<String> {
    use crate::catalog::TypeKind;
    use crate::text::quote::{identifier, literal};
    if column.generation == Some(Generation::ByDefault) {
        let relation = format!("{}.{}", identifier(&table.name.schema), identifier(&table.name.name));
        let (relation, name) = (literal(&relation), literal(&column.name));
        return Some(format!("pg_catalog.nextval(pg_catalog.pg_get_serial_sequence({relation}, {name}))"));
    }
    let domain = || {
        let (schema, name) = crate::rows::values::TypeName::parse(&column.kind).schema()?;
        let known =
            catalog.types.values().find(|known| known.name.schema == schema && known.name.name == name)?;
        match &known.kind {
            TypeKind::Domain { default, .. } => default.clone(),
            TypeKind::Enum(_)
            | TypeKind::Composite(_)
            | TypeKind::Range(_)
            | TypeKind::Base(_)
            | TypeKind::Shell => None,
        }
    };
    column.default.clone().or_else(domain)
}
