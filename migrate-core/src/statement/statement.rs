use std::borrow::Cow;
use std::ops::Range;

/// One statement of a patch: as much as must be known of it to send it by itself, and to go on after a crash.
///
/// What is known was found when the patch was parsed, so that the runtime needs no parser. Places are byte
/// offsets in the patch's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The statement's range, with its semicolon and without the comments around it.
    pub range: Range<usize>,
    /// What it does.
    pub class: Class,
    /// The name of what it acts on, as it was written; empty if the class needs none. Of what changes the schema, the
    /// table that is given other columns.
    pub target: Range<usize>,
    /// A second name: the table of an index, the partition that is detached, the alias of a batch's table.
    pub other: Range<usize>,
    /// Of a batch: the condition behind WHERE, or the empty place where one belongs.
    pub condition: Range<usize>,
}

impl Statement {
    /// Whether it sets or resets something that is to hold for the statements after it, or loads a library.
    pub fn sets(&self, patch: &str) -> bool {
        // A SELECT of this class does nothing but set something.
        self.class == Class::Schema && self.begins(patch, &["SET", "RESET", "SELECT", "LOAD"])
    }

    /// Its class if the server refuses to run it in a transaction; that depends on its object.
    pub fn refused_class(&self, patch: &str) -> Class {
        // On a table with partitions they go from one to the next.
        match self.begins(patch, &["CLUSTER", "REINDEX", "REPACK"]) {
            true => Class::Repeatable,
            false => Class::Any,
        }
    }

    fn begins(&self, patch: &str, words: &[&str]) -> bool {
        let text = patch.get(self.range.clone()).unwrap_or_default();
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        text.get(..end).is_some_and(|first| words.iter().any(|word| word.eq_ignore_ascii_case(first)))
    }
}

/// What a statement does, as far as its text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Changes the schema or a setting, and may run in a transaction.
    Schema,
    /// The same, and drops what rows that are being replicated may need: a column, a table.
    Drop,
    /// Changes rows, or asks for them; may run in a transaction.
    Rows,
    /// DO or CALL, which may do anything, and may commit by itself; or a table that is made with its rows.
    Any,
    /// An UPDATE or DELETE that runs in batches.
    Batch,
    /// `CREATE INDEX CONCURRENTLY`: the index, and its table.
    CreateIndex,
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex,
    /// `REINDEX INDEX CONCURRENTLY`.
    ReindexIndex,
    /// `REINDEX TABLE CONCURRENTLY`.
    ReindexTable,
    /// `REINDEX SCHEMA | DATABASE | SYSTEM CONCURRENTLY`.
    ReindexMany,
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`: the table, and its partition.
    Detach,
    /// `CREATE DATABASE`.
    CreateDatabase,
    /// `DROP DATABASE`.
    DropDatabase,
    /// `CREATE TABLESPACE`.
    CreateTablespace,
    /// `DROP TABLESPACE`.
    DropTablespace,
    /// `CREATE SUBSCRIPTION`.
    CreateSubscription,
    /// `DROP SUBSCRIPTION`.
    DropSubscription,
    /// `COMMIT PREPARED` or `ROLLBACK PREPARED`.
    EndPrepared,
    /// Can't run in a transaction, and does no harm twice: VACUUM, CLUSTER, ALTER SYSTEM.
    Repeatable,
    /// Makes, changes, drops or describes a publication.
    Publication,
    /// Changes or describes a subscription, and may run in a transaction.
    Subscription,
    /// `ALTER SUBSCRIPTION … REFRESH PUBLICATION`: as [`Class::Repeatable`].
    RefreshSubscription,
}

const CLASSES: [Class; 22] = [
    Class::Schema,
    Class::Drop,
    Class::Rows,
    Class::Any,
    Class::Batch,
    Class::CreateIndex,
    Class::DropIndex,
    Class::ReindexIndex,
    Class::ReindexTable,
    Class::ReindexMany,
    Class::Detach,
    Class::CreateDatabase,
    Class::DropDatabase,
    Class::CreateTablespace,
    Class::DropTablespace,
    Class::CreateSubscription,
    Class::DropSubscription,
    Class::EndPrepared,
    Class::Repeatable,
    Class::Publication,
    Class::Subscription,
    Class::RefreshSubscription,
];

impl Class {
    /// Whether it may run in a transaction with other statements.
    pub fn in_transaction(self) -> bool {
        use Class::{Any, Drop, Publication, Rows, Schema, Subscription};
        matches!(self, Schema | Drop | Rows | Any | Publication | Subscription)
    }
}

/// The statements of a patch in a form that a constant can hold.
///
/// It is empty for a std patch, which is sent as a whole, unless `bundle.yaml` says `replicated: true`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline(pub(crate) Cow<'static, [u8]>);

/// Four ranges of four bytes each way, and the class.
const SIZE: usize = 33;

impl Outline {
    /// That of a patch which is sent as a whole.
    pub const EMPTY: Outline = Outline(Cow::Borrowed(&[]));

    /// The outline of these statements.
    #[cfg(feature = "parse")]
    pub(crate) fn of(statements: &[Statement]) -> Outline {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Vec::with_capacity(statements.len() * SIZE);
        for Statement { range, class, target, other, condition } in statements {
            bytes.push(*class as u8);
            for range in [range, target, other, condition] {
                bytes.extend(number(range.start));
                bytes.extend(number(range.end));
            }
        }
        Outline(bytes.into())
    }

    /// The bytes.
    #[cfg(feature = "parse")]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        let (statements, _) = self.0.as_chunks::<SIZE>();
        statements.iter().map(read)
    }
}

fn read([class, ranges @ ..]: &[u8; SIZE]) -> Statement {
    let (numbers, _) = ranges.as_chunks::<4>();
    let mut numbers = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
    let mut range = || numbers.next().unwrap_or_default()..numbers.next().unwrap_or_default();
    Statement {
        range: range(),
        class: CLASSES.get(usize::from(*class)).copied().unwrap_or(Class::Schema),
        target: range(),
        other: range(),
        condition: range(),
    }
}
