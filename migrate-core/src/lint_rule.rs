use std::fmt;
use std::str::FromStr;

use crate::facts::nearest;
use crate::{Error, ErrorKind};

/// A rule of the lint: what a patch may not do to a table that others use, unless it says that it is meant.
///
/// ```
/// use migrate_core::LintRule;
///
/// assert_eq!("index-not-concurrent".parse::<LintRule>()?, LintRule::IndexNotConcurrent);
/// let error = "index-not-concurent".parse::<LintRule>().unwrap_err();
/// assert!(error.to_string().contains("did you mean `index-not-concurrent`?"));
/// # Ok::<(), migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintRule {
    /// `CREATE INDEX` without `CONCURRENTLY`.
    IndexNotConcurrent,
    /// `DROP INDEX` without `CONCURRENTLY`.
    DropIndexNotConcurrent,
    /// `REINDEX` of a table or index without `CONCURRENTLY`.
    ReindexNotConcurrent,
    /// `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`.
    RefreshNotConcurrent,
    /// A new column whose default is computed for each row.
    VolatileDefault,
    /// A new column that counts, `serial` or an identity.
    SerialColumn,
    /// A generated column that is stored.
    StoredColumn,
    /// A new column that must be given and has no default.
    RequiredColumn,
    /// Another type for a column.
    Retype,
    /// `SET NOT NULL` that no check proves.
    SetNotNull,
    /// A check that is validated where it is added.
    CheckAtOnce,
    /// A foreign key that is validated where it is added.
    ForeignKeyAtOnce,
    /// A unique constraint or primary key that builds its index.
    UniqueAtOnce,
    /// An exclusion constraint.
    ExcludeAtOnce,
    /// `VALIDATE CONSTRAINT` under a stronger lock of the same patch.
    ValidateAtOnce,
    /// A statement that stores a table or index anew.
    Rewrite,
    /// `ATTACH PARTITION` of a table that must be read first.
    AttachUnchecked,
    /// `DETACH PARTITION` without `CONCURRENTLY`.
    DetachNotConcurrent,
    /// `CREATE TABLE … PARTITION OF`.
    PartitionOf,
    /// `LOCK TABLE`.
    LockTable,
    /// `TRUNCATE`.
    Truncate,
    /// `UPDATE` or `DELETE` of all rows.
    UpdateWithoutWhere,
    /// `UPDATE` or `DELETE` while the same patch keeps others away from the table.
    UpdateUnderLock,
    /// A label of an enum that is used where it is added.
    EnumValueUsed,
    /// Triggers that stay off.
    DisableTrigger,
}

use LintRule::*;

impl LintRule {
    /// All of them, in the order of the documentation.
    pub const ALL: [LintRule; 25] = [
        IndexNotConcurrent,
        DropIndexNotConcurrent,
        ReindexNotConcurrent,
        RefreshNotConcurrent,
        VolatileDefault,
        SerialColumn,
        StoredColumn,
        RequiredColumn,
        Retype,
        SetNotNull,
        CheckAtOnce,
        ForeignKeyAtOnce,
        UniqueAtOnce,
        ExcludeAtOnce,
        ValidateAtOnce,
        Rewrite,
        AttachUnchecked,
        DetachNotConcurrent,
        PartitionOf,
        LockTable,
        Truncate,
        UpdateWithoutWhere,
        UpdateUnderLock,
        EnumValueUsed,
        DisableTrigger,
    ];

    /// The word that stands in directives and in `bundle.yaml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            IndexNotConcurrent => "index-not-concurrent",
            DropIndexNotConcurrent => "drop-index-not-concurrent",
            ReindexNotConcurrent => "reindex-not-concurrent",
            RefreshNotConcurrent => "refresh-not-concurrent",
            VolatileDefault => "volatile-default",
            SerialColumn => "serial-column",
            StoredColumn => "stored-column",
            RequiredColumn => "required-column",
            Retype => "retype",
            SetNotNull => "set-not-null",
            CheckAtOnce => "check-at-once",
            ForeignKeyAtOnce => "foreign-key-at-once",
            UniqueAtOnce => "unique-at-once",
            ExcludeAtOnce => "exclude-at-once",
            ValidateAtOnce => "validate-at-once",
            Rewrite => "rewrite",
            AttachUnchecked => "attach-unchecked",
            DetachNotConcurrent => "detach-not-concurrent",
            PartitionOf => "partition-of",
            LockTable => "lock-table",
            Truncate => "truncate",
            UpdateWithoutWhere => "update-without-where",
            UpdateUnderLock => "update-under-lock",
            EnumValueUsed => "enum-value-used",
            DisableTrigger => "disable-trigger",
        }
    }
}

impl fmt::Display for LintRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LintRule {
    type Err = Error;

    fn from_str(word: &str) -> Result<LintRule, Error> {
        LintRule::ALL.into_iter().find(|rule| rule.as_str() == word).ok_or_else(|| {
            let names = LintRule::ALL.map(LintRule::as_str);
            let help = match nearest(word, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let lines: Vec<String> =
                        names.chunks(5).map(|names| format!("`{}`", names.join("`, `"))).collect();
                    format!("the rules are {}", lines.join(",\n"))
                }
            };
            Error::new(ErrorKind::Directive, format!("`{word}` is no rule of the lint")).help(help)
        })
    }
}

/// What becomes of a hazard that no directive allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LintLevel {
    /// The bundle is refused.
    #[default]
    Refuse,
    /// `cargo migrate check` tells it.
    Warn,
    /// Nothing.
    Off,
}

impl FromStr for LintLevel {
    type Err = Error;

    fn from_str(word: &str) -> Result<LintLevel, Error> {
        match word {
            "refuse" => Ok(LintLevel::Refuse),
            "warn" => Ok(LintLevel::Warn),
            "off" => Ok(LintLevel::Off),
            _ => Err(Error::new(ErrorKind::Format, format!("`{word}` is nothing that a rule can do"))
                .help("say `off`, `warn`, or `refuse`, which is the default")),
        }
    }
}
