use super::comment::comments;
use super::grant::Grants;
use super::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::sequence::Sequence;
use crate::text::quote;

impl DdlScript<'_> {
    /// A sequence; one that belongs to a column gets its owner, privileges and comment with the table.
    pub(in crate::catalog) fn sequence(&self, sequence: &Sequence) -> Vec<String> {
        let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
        let name = sequence.name.quoted();
        let kind = match sequence.kind.as_str() {
            "bigint" => String::new(),
            kind => format!(" AS {kind}"),
        };
        let mut statements = vec![format!("CREATE {unlogged}SEQUENCE {name}{kind}{}", numbers(sequence))];
        if sequence.owned_by.is_none() {
            if self.access {
                statements.push(self.owner(&format!("SEQUENCE {name}"), &sequence.owner));
            }
            statements.extend(self.sequence_rest(sequence));
        }
        statements
    }

    /// A sequence with its owner, even if it is to belong to a column.
    pub(in crate::catalog) fn new_sequence(&self, sequence: &Sequence) -> Vec<String> {
        let mut statements = self.sequence(sequence);
        if sequence.owned_by.is_some() {
            if self.access {
                statements.push(self.owner(&format!("SEQUENCE {}", sequence.name.quoted()), &sequence.owner));
            }
            statements.extend(self.sequence_rest(sequence));
        }
        statements
    }

    pub(super) fn identity_sequences(&self, table: Oid) -> Vec<&Sequence> {
        let owned = self.owned.get(&table).into_iter().flatten();
        let owned = owned.filter_map(|oid| self.catalog.sequences.get(oid));
        owned.filter(|sequence| sequence.identity).collect()
    }

    /// The statements for a table's sequences after the table is created: the first make them belong to it, before it
    /// gets an owner.
    pub(super) fn owned_sequences(&self, table: Oid) -> (Vec<String>, Vec<String>) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let owned = self.owned.get(&table).into_iter().flatten();
        let mut owned: Vec<&Sequence> = owned.filter_map(|oid| self.catalog.sequences.get(oid)).collect();
        owned.sort_by_key(|sequence| &sequence.name);
        for sequence in owned {
            match sequence.identity {
                false => before.push(self.sequence_owned_by(sequence)),
                true => before.extend(self.persistence(table, sequence)),
            }
            after.extend(self.sequence_rest(sequence));
        }
        (before, after)
    }

    /// From PostgreSQL 15 on an identity column's sequence is UNLOGGED if its table is, and can be changed.
    fn persistence(&self, table: Oid, sequence: &Sequence) -> Option<String> {
        let unlogged = self.catalog.tables.get(&table)?.unlogged;
        let differs = self.catalog.server >= 150_000 && unlogged != sequence.unlogged;
        differs.then(|| set_logged(sequence))
    }

    pub(in crate::catalog) fn sequence_owned_by(&self, sequence: &Sequence) -> String {
        let column = sequence.owned_by.and_then(|(table, number)| {
            let table = self.catalog.tables.get(&table)?;
            let column = table.columns.get(&number)?;
            Some(format!("{}.{}", table.name.quoted(), quote::identifier(&column.name)))
        });
        let column = column.unwrap_or_else(|| "NONE".to_owned());
        format!("ALTER SEQUENCE {} OWNED BY {column}", sequence.name.quoted())
    }

    pub(in crate::catalog) fn sequence_rest(&self, sequence: &Sequence) -> Vec<String> {
        let mut statements = Vec::new();
        if self.access {
            let kind = ("SEQUENCES", sequence.name.schema.as_str());
            statements.extend(self.granted(&sequence_grants(sequence), sequence.grants.as_ref(), kind));
        }
        let object = format!("SEQUENCE {}", sequence.name.quoted());
        statements.extend(comments(&object, sequence.comment.as_ref()));
        statements
    }
}

pub(in crate::catalog) fn sequence_grants(sequence: &Sequence) -> Grants<'_> {
    Grants {
        on: format!("SEQUENCE {}", sequence.name.quoted()),
        column: None,
        owner: &sequence.owner,
        defaults: ("rwU", ""),
    }
}

pub(in crate::catalog) fn set_logged(sequence: &Sequence) -> String {
    let word = if sequence.unlogged { "UNLOGGED" } else { "LOGGED" };
    format!("ALTER SEQUENCE {} SET {word}", sequence.name.quoted())
}

/// All its numbers, as ALTER SEQUENCE takes them.
pub(in crate::catalog) fn options(sequence: &Sequence) -> String {
    let [start, increment, least, most, cache] = sequence.numbers;
    let cycle = if sequence.cycle { "CYCLE" } else { "NO CYCLE" };
    format!(
        "INCREMENT BY {increment} MINVALUE {least} MAXVALUE {most} START WITH {start} CACHE {cache} {cycle}"
    )
}

/// Its numbers that differ from the defaults of its type.
pub(in crate::catalog) fn numbers(sequence: &Sequence) -> String {
    let [start, increment, least, most, cache] = sequence.numbers;
    let range = match sequence.kind.as_str() {
        "smallint" => (i16::MIN.into(), i16::MAX.into()),
        "integer" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    };
    let (default_least, default_most) = if increment > 0 { (1, range.1) } else { (range.0, -1) };
    let default_start = if increment > 0 { least } else { most };
    let numbers = [
        ("INCREMENT BY", increment, 1),
        ("MINVALUE", least, default_least),
        ("MAXVALUE", most, default_most),
        ("START WITH", start, default_start),
        ("CACHE", cache, 1),
    ];
    let changed = numbers.iter().filter(|(_, number, defaults)| number != defaults);
    let mut text: String = changed.map(|(word, number, _)| format!(" {word} {number}")).collect();
    if sequence.cycle {
        text.push_str(" CYCLE");
    }
    text
}
