use std::path::Path;

/// A path as it is printed: relative to the current directory, if it is below it.
pub(crate) fn label(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let near = here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    near.to_string_lossy().trim_end_matches('/').to_owned()
}
