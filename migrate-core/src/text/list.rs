//! Lists for people, shortened if they are long.

use std::fmt::Write;

/// How many patches of one bundle are named one by one.
const PATCHES: usize = 5;

/// Patches in the order in which they were applied, each as its bundle and version: many of one bundle as the first, the
/// last and how many.
///
/// ```
/// let patches: Vec<String> = (0..300).map(|n| format!("app 1.{n}.0")).collect();
/// assert_eq!(embed_migrate_core::list_patches(&patches), "app 1.0.0 to 1.299.0 (300 patches)");
/// assert_eq!(embed_migrate_core::list_patches(&patches[..2]), "app 1.0.0, app 1.1.0");
/// ```
pub fn list_patches(patches: &[String]) -> String {
    let bundle = |patch: &str| patch.rsplit_once(' ').map(|(bundle, _)| bundle.to_owned());
    let mut listed = Vec::new();
    for row in patches.chunk_by(|one, next| bundle(one) == bundle(next)) {
        match row {
            [first, .., last] if row.len() > PATCHES => {
                let version = last.rsplit_once(' ').map_or(last.as_str(), |(_, version)| version);
                listed.push(format!("{first} to {version} ({} patches)", row.len()));
            }
            row => listed.extend(row.iter().cloned()),
        }
    }
    listed.join(", ")
}

/// The first names of a list, and how many more there are.
///
/// ```
/// assert_eq!(embed_migrate_core::list_names(["a", "b", "c"], 2), "a, b and 1 more");
/// ```
pub fn list_names(names: impl IntoIterator<Item = impl AsRef<str>>, most: usize) -> String {
    let (mut text, mut left) = (String::new(), 0);
    for (index, name) in names.into_iter().enumerate() {
        if index >= most {
            left += 1;
            continue;
        }
        text += if index > 0 { ", " } else { "" };
        text += name.as_ref();
    }
    if left > 0 {
        let _ = write!(text, " and {left} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bundle_has_its_row() {
        let of =
            |bundle: &str, count: u32| (0..count).map(|n| format!("{bundle} 1.0.{n}")).collect::<Vec<_>>();
        let all = [of("app", 6), of("other", 2), of("app", 1)].concat();
        assert_eq!(list_patches(&all), "app 1.0.0 to 1.0.5 (6 patches), other 1.0.0, other 1.0.1, app 1.0.0");
        assert_eq!(list_patches(&of("app", 5)), "app 1.0.0, app 1.0.1, app 1.0.2, app 1.0.3, app 1.0.4");
        assert_eq!(list_patches(&[]), "");
    }
}
