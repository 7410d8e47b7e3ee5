/// What a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// It is the patch.
    Up,
    /// It is a patch's way back.
    Down,
    /// It replaces all patches up to its version.
    Baseline,
}
