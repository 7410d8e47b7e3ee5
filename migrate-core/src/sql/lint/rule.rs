use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};
use crate::facts::nearest;

/// The rules, each with its word, in the order of the documentation.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $word:literal,)*) => {
        /// A rule of the lint: what a patch may not do to a table that others use, unless a directive permits it.
        ///
        /// ```
        /// use embed_migrate_core::LintRule;
        ///
        /// assert_eq!("index-not-concurrent".parse::<LintRule>()?, LintRule::IndexNotConcurrent);
        /// let error = "index-not-concurent".parse::<LintRule>().unwrap_err();
        /// assert!(error.to_string().contains("did you mean `index-not-concurrent`?"));
        /// # Ok::<(), embed_migrate_core::Error>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintRule {
            $($(#[$doc])* $rule,)*
        }

        impl LintRule {
            /// All of them, in the order of the documentation.
            pub const ALL: [LintRule; [$($word),*].len()] = [$(LintRule::$rule),*];

            /// The rule's word in directives and in `bundle.yaml`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(LintRule::$rule => $word,)*
                }
            }
        }
    };
}

rules! {
    /// `CREATE INDEX` without `CONCURRENTLY`.
    IndexNotConcurrent = "index-not-concurrent",
    /// `DROP INDEX` without `CONCURRENTLY`.
    DropIndexNotConcurrent = "drop-index-not-concurrent",
    /// `REINDEX` of a table or index without `CONCURRENTLY`.
    ReindexNotConcurrent = "reindex-not-concurrent",
    /// `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`.
    RefreshNotConcurrent = "refresh-not-concurrent",
    /// A new column whose default is computed for each row.
    VolatileDefault = "volatile-default",
    /// A new column that counts, `serial` or an identity.
    SerialColumn = "serial-column",
    /// A generated column that is stored.
    StoredColumn = "stored-column",
    /// A new column of a domain that has checks.
    DomainColumn = "domain-column",
    /// A new column that is required and has no default.
    RequiredColumn = "required-column",
    /// Another type for a column.
    Retype = "retype",
    /// `SET NOT NULL` that no check proves.
    SetNotNull = "set-not-null",
    /// A check that is validated when it is added.
    CheckAtOnce = "check-at-once",
    /// A foreign key that is validated when it is added.
    ForeignKeyAtOnce = "foreign-key-at-once",
    /// A unique constraint or primary key that builds its index.
    UniqueAtOnce = "unique-at-once",
    /// An exclusion constraint.
    ExcludeAtOnce = "exclude-at-once",
    /// `VALIDATE CONSTRAINT` under a stronger lock of the same patch.
    ValidateAtOnce = "validate-at-once",
    /// A statement that rewrites a table or index.
    Rewrite = "rewrite",
    /// `ATTACH PARTITION` of a table that must be read first.
    AttachUnchecked = "attach-unchecked",
    /// `DETACH PARTITION` without `CONCURRENTLY`.
    DetachNotConcurrent = "detach-not-concurrent",
    /// `CREATE TABLE … PARTITION OF`.
    PartitionOf = "partition-of",
    /// `LOCK TABLE`.
    LockTable = "lock-table",
    /// `TRUNCATE`.
    Truncate = "truncate",
    /// `UPDATE` or `DELETE` of all rows.
    UpdateWithoutWhere = "update-without-where",
    /// `UPDATE` or `DELETE` while the same patch keeps others away from the table.
    UpdateUnderLock = "update-under-lock",
    /// A label of an enum that is used in the patch that adds it.
    EnumValueUsed = "enum-value-used",
    /// Triggers that stay off.
    DisableTrigger = "disable-trigger",
    /// A statement whose effect stays in the session and can't be undone.
    StaysInSession = "stays-in-session",
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
            Error::new(ErrorKind::Directive, format!("`{word}` is not a rule of the lint")).help(help)
        })
    }
}

/// What happens to a hazard that no directive permits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LintLevel {
    /// The bundle is refused.
    #[default]
    Refuse,
    /// `cargo migrate check` reports it.
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
            _ => Err(Error::new(ErrorKind::Format, format!("`{word}` is not a level of a rule"))
                .help("say `off`, `warn`, or `refuse`, which is the default")),
        }
    }
}
