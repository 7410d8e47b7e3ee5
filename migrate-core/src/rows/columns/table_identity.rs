use super::table_field::TableField;
use crate::catalog::{Catalog, ConstraintKind, Oid, QualifiedName};
use crate::error::{Error, ErrorKind};
use crate::rows::values::ColumnType;

/// How the rows of a table are identified: by its primary key, whose links are followed down to plain values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableIdentity {
    pub(crate) table: Oid,
    pub(crate) name: QualifiedName,
    /// The members of its identity.
    pub(crate) members: Vec<KeyColumn>,
}

/// A column or link of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    pub(crate) number: i16,
    pub(crate) column: String,
    pub(crate) kind: ColumnType,
    /// For a link: the identity of the target table, and the column whose value it holds.
    pub(crate) link: Option<(TableIdentity, String)>,
}

impl TableIdentity {
    /// The identity of a table; `Err` if it has none or if links lead back to it.
    pub(crate) fn of(catalog: &Catalog, table: Oid) -> Result<TableIdentity, Error> {
        TableIdentity::below(catalog, table, &mut Vec::new())
    }

    fn below(catalog: &Catalog, oid: Oid, above: &mut Vec<Oid>) -> Result<TableIdentity, Error> {
        let found = catalog.tables.get(&oid);
        let table = found
            .ok_or_else(|| Error::new(ErrorKind::Missing, "a link points to a table that is not there"))?;
        let name = &table.name.name;
        let key = table.constraints.values().find(|constraint| constraint.kind == ConstraintKind::Primary);
        let Some(key) = key else {
            return Err(Error::new(
                ErrorKind::Format,
                format!("`{name}` has no identity, so that its rows can't be found"),
            )
            .help(format!("declare its identity in an earlier fact: `identity: […]` with `of: {name}`")));
        };
        if above.contains(&oid) {
            return Err(Error::new(
                ErrorKind::Format,
                format!("the identity of `{name}` leads back to itself"),
            ));
        }
        above.push(oid);
        let mut members = Vec::new();
        for number in &key.columns {
            let Some(column) = table.columns.get(number) else { continue };
            let link = match TableField::link(table, *number) {
                Some(TableField::Link { target, key, .. }) => {
                    let below = TableIdentity::below(catalog, target, above)?;
                    catalog
                        .tables
                        .get(&target)
                        .and_then(|table| table.columns.get(&key))
                        .map(|key| (below, key.name.clone()))
                }
                _ => None,
            };
            let kind = ColumnType::of(catalog, column);
            members.push(KeyColumn { number: *number, column: column.name.clone(), kind, link });
        }
        above.pop();
        Ok(TableIdentity { table: oid, name: table.name.clone(), members })
    }

    /// The types of the plain values that name a row, from left to right.
    pub(crate) fn leaves(&self) -> Vec<&ColumnType> {
        let leaves = self.members.iter().map(|member| match &member.link {
            Some((target, _)) => target.leaves(),
            None => vec![&member.kind],
        });
        leaves.flatten().collect()
    }

    /// How a key of it is written, for an error: `case_type.code`.
    pub(crate) fn form(&self) -> String {
        let parts = self.members.iter().map(|member| match &member.link {
            Some((target, _)) if target.members.len() > 1 => format!("({})", target.form()),
            Some((target, _)) => target.name.name.clone(),
            None => member.column.clone(),
        });
        parts.collect::<Vec<_>>().join(".")
    }
}
