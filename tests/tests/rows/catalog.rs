use migrate_core::catalog::{
    Action, Catalog, Column, Constraint, ConstraintKind, DataType, Generation, Index, Name, Reference,
    Relation, Rows, Table, Trigger, TypeKind,
};
use tokio_postgres::{Client, Row};

/// What the loader needs to know of a database.
pub async fn catalog(client: &Client) -> Catalog {
    client.batch_execute("BEGIN; SET LOCAL search_path = ''").await.unwrap();
    let mut catalog = Catalog::default();
    let tables = "SELECT c.oid, nspname, relname, relrowsecurity, relkind = 'p' FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                  WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";
    for row in client.query(tables, &[]).await.unwrap() {
        catalog.tables.insert(row.get(0), table(&row));
    }
    let columns = "SELECT attrelid, attnum, attname, format_type(atttypid, atttypmod), atttypid, attnotnull, pg_get_expr(adbin, adrelid), \
                   attidentity::text, attgenerated::text FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
                   WHERE attnum > 0 AND NOT attisdropped";
    for row in client.query(columns, &[]).await.unwrap() {
        if let Some(table) = catalog.tables.get_mut(&row.get::<_, u32>(0)) {
            table.columns.insert(row.get(1), column(&row));
        }
    }
    let constraints = "SELECT conrelid, conname, contype::text, conkey, confrelid, confkey FROM pg_constraint WHERE conkey IS NOT NULL";
    for row in client.query(constraints, &[]).await.unwrap() {
        if let Some(table) = catalog.tables.get_mut(&row.get::<_, u32>(0)) {
            table.constraints.insert(row.get(1), constraint(&row));
        }
    }
    let indexes = "SELECT indrelid, indexrelid::regclass::text, indkey::int2[], indisunique FROM pg_index";
    for row in client.query(indexes, &[]).await.unwrap() {
        if let Some(table) = catalog.tables.get_mut(&row.get::<_, u32>(0)) {
            table.indexes.insert(row.get(1), index(&row));
        }
    }
    let triggers =
        "SELECT tgrelid, tgname, tgfoid, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal";
    for row in client.query(triggers, &[]).await.unwrap() {
        if let Some(table) = catalog.tables.get_mut(&row.get::<_, u32>(0)) {
            let trigger = Trigger {
                function: row.get(2),
                definition: row.get(3),
                enabled: 'O',
                inherited: false,
                comment: None,
            };
            table.triggers.insert(row.get(1), trigger);
        }
    }
    let types = "SELECT t.oid, nspname, typname, typtype::text, format_type(typbasetype, typtypmod), typdefault, typnotnull, \
                 ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) \
                 FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype IN ('e', 'd') AND nspname <> 'information_schema'";
    for row in client.query(types, &[]).await.unwrap() {
        catalog.types.insert(row.get(0), kind(&row));
    }
    client.batch_execute("COMMIT").await.unwrap();
    catalog
}

fn table(row: &Row) -> Table {
    let partitioned_by = row.get::<_, bool>(4).then(String::new);
    Table {
        name: Name { schema: row.get(1), name: row.get(2) },
        relation: Relation::Table { partitioned_by, partition: None },
        owner: String::new(),
        unlogged: false,
        comment: None,
        grants: None,
        options: Vec::new(),
        row_security: (row.get(3), false),
        columns: Default::default(),
        constraints: Default::default(),
        indexes: Default::default(),
        triggers: Default::default(),
        policies: Default::default(),
        rules: Default::default(),
        of_type: None,
        replica_identity: None,
        inherits: Vec::new(),
        rows: Rows::Perhaps,
    }
}

fn column(row: &Row) -> Column {
    let generated = row.get::<_, &str>(8) == "s";
    let generation = match row.get(7) {
        "a" => Some(Generation::Always),
        "d" => Some(Generation::ByDefault),
        _ => generated.then_some(Generation::Stored),
    };
    Column {
        name: row.get(2),
        kind: row.get(3),
        type_oid: row.get(4),
        required: row.get(5),
        default: row.get(6),
        generation,
        collation: None,
        storage: None,
        compression: None,
        statistics: None,
        options: Vec::new(),
        grants: None,
        comment: None,
        inherited: false,
    }
}

fn constraint(row: &Row) -> Constraint {
    let (table, columns): (u32, Option<Vec<i16>>) = (row.get(4), row.get(5));
    let action = Action::NoAction;
    let reference =
        Reference { table, columns: columns.unwrap_or_default(), on_delete: action, on_update: action };
    Constraint {
        kind: match row.get(2) {
            "p" => ConstraintKind::Primary,
            "u" => ConstraintKind::Unique,
            "f" => ConstraintKind::Foreign(reference),
            "x" => ConstraintKind::Exclude,
            _ => ConstraintKind::Check,
        },
        columns: row.get(3),
        definition: String::new(),
        deferrable: (false, false),
        validated: true,
        inherited: false,
        comment: None,
    }
}

fn index(row: &Row) -> Index {
    Index {
        keys: row.get(2),
        include: Vec::new(),
        unique: row.get(3),
        plain: true,
        constraint: None,
        valid: true,
        clustered: false,
        definition: String::new(),
        options: Vec::new(),
        part_of: None,
        comment: None,
    }
}

fn kind(row: &Row) -> DataType {
    let kind = match row.get(3) {
        "e" => TypeKind::Enum(row.get(7)),
        _ => TypeKind::Domain {
            base: row.get(4),
            required: row.get(6),
            default: row.get(5),
            collation: None,
            checks: Vec::new(),
        },
    };
    let name = Name { schema: row.get(1), name: row.get(2) };
    DataType { name, owner: String::new(), kind, grants: None, comment: None, comments: Default::default() }
}
