use crate::error::Error;
use crate::facts::document::DocumentNode;

/// What a foreign key does when the row that it points to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The row is deleted too.
    Cascade,
    /// The deletion fails at once.
    Restrict,
    /// The deletion fails at the end of the statement.
    NoAction,
    /// The link becomes NULL.
    SetNull,
    /// The link gets its default.
    SetDefault,
}

impl OnDelete {
    const ALL: [OnDelete; 5] =
        [OnDelete::Cascade, OnDelete::Restrict, OnDelete::NoAction, OnDelete::SetNull, OnDelete::SetDefault];

    pub(crate) fn read(node: &DocumentNode) -> Result<OnDelete, Error> {
        let text = node.text()?;
        let known = OnDelete::ALL.into_iter().find(|action| action.words().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            node.error(format!("`{text}` is not an action on deletion"))
                .help("it is `cascade`, `restrict`, `no action`, `set null` or `set default`")
        })
    }

    /// Its word or value in facts.
    pub(crate) fn words(self) -> &'static str {
        match self {
            OnDelete::Cascade => "cascade",
            OnDelete::Restrict => "restrict",
            OnDelete::NoAction => "no action",
            OnDelete::SetNull => "set null",
            OnDelete::SetDefault => "set default",
        }
    }
}
