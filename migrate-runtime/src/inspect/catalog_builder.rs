use std::collections::{BTreeSet, HashMap};

use embed_migrate_core::catalog::{Catalog, ObjectPart, Oid, QualifiedName, RowPresence, Table};

/// A catalog in the making, and what it takes to put its pieces together.
#[derive(Default)]
pub(crate) struct CatalogBuilder {
    pub(crate) catalog: Catalog,
    /// Words that the server quotes where they are names.
    pub(crate) keywords: BTreeSet<String>,
    /// What the numbers stand for that the catalog itself does not keep.
    pub(crate) places: HashMap<(ObjectClass, Oid), ObjectPlace>,
    /// The relations of composite types.
    pub(crate) composites: HashMap<Oid, Oid>,
    /// The types under domains.
    pub(crate) bases: HashMap<Oid, Oid>,
    /// Default operator classes of the server's own: the type that each is for, and its name.
    pub(crate) classes: HashMap<Oid, (Oid, String)>,
    /// The collations of columns.
    pub(crate) collations: HashMap<(Oid, i16), Oid>,
    /// The constraints that indexes, by their numbers, belong to.
    pub(crate) constraint_of: HashMap<Oid, String>,
    /// Indexes that came without a definition.
    pub(crate) unprinted: Vec<Unprinted>,
    /// Of each index and table, those above it.
    pub(crate) parents: HashMap<Oid, Vec<Oid>>,
}

/// An index of the usual form, with the operator class and the collation of each key.
pub(crate) struct Unprinted {
    pub(crate) table: Oid,
    pub(crate) index: String,
    pub(crate) classes: Vec<Oid>,
    pub(crate) collations: Vec<Oid>,
}

/// The table of `pg_catalog` that a number belongs to; each numbers its rows by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ObjectClass {
    Relation,
    Default,
    Constraint,
    Rule,
    Policy,
    Trigger,
    Type,
    Function,
    Namespace,
    Extension,
    Statistics,
    EventTrigger,
    Wrapper,
    Server,
    Publication,
    /// A class of generic objects, or of their parts.
    Generic(&'static str),
}

/// Classes of generic objects, and of the members of operator classes and families.
const GENERIC: [&str; 17] = [
    "pg_collation",
    "pg_conversion",
    "pg_cast",
    "pg_operator",
    "pg_opclass",
    "pg_opfamily",
    "pg_amop",
    "pg_amproc",
    "pg_language",
    "pg_am",
    "pg_transform",
    "pg_ts_parser",
    "pg_ts_template",
    "pg_ts_dict",
    "pg_ts_config",
    "pg_subscription",
    "pg_user_mapping",
];

impl ObjectClass {
    /// The class of that name; `None` for what the catalog does not hold.
    pub(crate) fn parse(name: &str) -> Option<ObjectClass> {
        Some(match name {
            "pg_class" => ObjectClass::Relation,
            "pg_attrdef" => ObjectClass::Default,
            "pg_constraint" => ObjectClass::Constraint,
            "pg_rewrite" => ObjectClass::Rule,
            "pg_policy" => ObjectClass::Policy,
            "pg_trigger" => ObjectClass::Trigger,
            "pg_type" => ObjectClass::Type,
            "pg_proc" => ObjectClass::Function,
            "pg_namespace" => ObjectClass::Namespace,
            "pg_extension" => ObjectClass::Extension,
            "pg_statistic_ext" => ObjectClass::Statistics,
            "pg_event_trigger" => ObjectClass::EventTrigger,
            "pg_foreign_data_wrapper" => ObjectClass::Wrapper,
            "pg_foreign_server" => ObjectClass::Server,
            "pg_publication" => ObjectClass::Publication,
            name => ObjectClass::Generic(GENERIC.iter().find(|known| **known == name)?),
        })
    }
}

/// Where in the catalog something stands.
#[derive(Debug, Clone)]
pub(crate) enum ObjectPlace {
    Part(ObjectPart),
    /// A domain's constraint.
    Check(Oid, String),
    /// A composite type's own relation: the names of its attributes.
    Composite(Oid, Vec<(i16, String)>),
    /// What has one name in the whole database.
    Named(String),
}

impl CatalogBuilder {
    pub(crate) fn table(&mut self, oid: Oid) -> Option<&mut Table> {
        self.catalog.tables.get_mut(&oid)
    }

    pub(crate) fn spot(&mut self, class: ObjectClass, oid: Oid, spot: ObjectPlace) {
        self.places.insert((class, oid), spot);
    }

    pub(crate) fn part(&mut self, class: ObjectClass, oid: Oid, part: ObjectPart) {
        self.spot(class, oid, ObjectPlace::Part(part));
    }

    pub(crate) fn composite(&mut self, data_type: Oid) -> Option<&mut ObjectPlace> {
        let relation = self.composites.get(&data_type)?;
        self.places.get_mut(&(ObjectClass::Relation, *relation))
    }

    /// The catalog, once all is read.
    pub(crate) fn finish(mut self) -> Catalog {
        self.link_indexes();
        self.print();
        self.fill_parents();
        self.catalog
    }

    fn link_indexes(&mut self) {
        let (catalog, parents, places) = (&mut self.catalog, &self.parents, &self.places);
        for (index, above) in parents {
            let [above, ..] = above.as_slice() else { continue };
            let index = places.get(&(ObjectClass::Relation, *index));
            let above = places.get(&(ObjectClass::Relation, *above));
            let (
                Some(ObjectPlace::Part(ObjectPart::Index(table, name))),
                Some(ObjectPlace::Part(ObjectPart::Index(whole, above))),
            ) = (index, above)
            else {
                continue;
            };
            let Some(schema) = catalog.tables.get(whole).map(|table| table.name.schema.clone()) else {
                continue;
            };
            let index = catalog.tables.get_mut(table).and_then(|table| table.indexes.get_mut(name));
            if let Some(index) = index {
                index.part_of = Some(QualifiedName { schema, name: above.clone() });
            }
        }
    }

    /// A table whose rows are in its partitions or descendants may hold rows when one of them does.
    fn fill_parents(&mut self) {
        let filled: Vec<Oid> = self
            .catalog
            .tables
            .iter()
            .filter(|(_, table)| table.rows == RowPresence::Perhaps)
            .map(|(oid, _)| *oid)
            .collect();
        for oid in filled {
            let mut above: Vec<Oid> = self.parents.get(&oid).cloned().unwrap_or_default();
            while let Some(oid) = above.pop() {
                if let Some(table) = self.catalog.tables.get_mut(&oid) {
                    table.rows = RowPresence::Perhaps;
                }
                above.extend(self.parents.get(&oid).into_iter().flatten());
            }
        }
    }
}
