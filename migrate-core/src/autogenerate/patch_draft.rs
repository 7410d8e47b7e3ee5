use crate::patch::Kind;
use crate::sql::LintRule;

/// A patch that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchDraft {
    /// What it is for.
    pub purpose: PatchPurpose,
    /// Its statements, without semicolons.
    pub statements: Vec<String>,
    /// What runs in batches: the columns of the table's key.
    pub batch: Option<String>,
    /// Hazards that it permits, because one simple patch was asked for.
    pub allowed: Vec<LintRule>,
    /// Why there is no way back, if there is none.
    pub irreversible: Option<String>,
    /// What a reader is told at the top: one line each.
    pub notes: Vec<String>,
}

impl PatchDraft {
    pub(super) fn new(purpose: PatchPurpose, statements: Vec<String>) -> PatchDraft {
        let (batch, allowed, irreversible, notes) = Default::default();
        PatchDraft { purpose, statements, batch, allowed, irreversible, notes }
    }
}

/// What a patch is for. The patches of one difference are applied in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatchPurpose {
    /// Labels of enums that later statements use.
    Labels,
    /// Everything that takes no long lock.
    Expand,
    /// Values for rows that lack them.
    Fill,
    /// Indexes and constraints, while others read and write.
    Online,
    /// What is taken away.
    Contract,
    /// All in one patch, as was asked for.
    Plain,
}

impl PatchPurpose {
    /// How its patch is applied.
    pub fn kind(self) -> Kind {
        match self {
            PatchPurpose::Fill | PatchPurpose::Online => Kind::Concurrent,
            PatchPurpose::Labels | PatchPurpose::Expand | PatchPurpose::Contract | PatchPurpose::Plain => {
                Kind::Std
            }
        }
    }

    /// What follows the slug in the file's name where one difference has several patches.
    pub fn suffix(self) -> &'static str {
        match self {
            PatchPurpose::Labels => "-labels",
            PatchPurpose::Expand | PatchPurpose::Plain => "",
            PatchPurpose::Fill => "-fill",
            PatchPurpose::Online => "-online",
            PatchPurpose::Contract => "-contract",
        }
    }

    /// What it is for, for a reader of the file.
    pub(super) fn reason(self) -> &'static str {
        match self {
            PatchPurpose::Labels => {
                "Labels that a later patch uses: a transaction can't use a label that it adds."
            }
            PatchPurpose::Expand => "What older binaries can work with.",
            PatchPurpose::Fill => "Values for the rows that are there.",
            PatchPurpose::Online => "Indexes and constraints, while others read and write.",
            PatchPurpose::Contract => "What older binaries may still use is taken away.",
            PatchPurpose::Plain => "All in one transaction (`--plain`).",
        }
    }
}
