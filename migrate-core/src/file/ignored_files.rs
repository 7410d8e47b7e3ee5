/// Whether a file beside patches is ignored: `README*`, a dotfile, or a leftover of an editor, a merge tool or an operating
/// system. `is_there` says whether the directory has a file of another name.
///
/// No other name that ends in `.sql` or `.yaml` is ignored: the file is read, or it is an error.
///
/// ```
/// use embed_migrate_core::is_ignored_file;
///
/// let is_there = |name: &str| name == "00001-study.sql";
/// assert!(is_ignored_file("00001-study.sql~", is_there));
/// assert!(is_ignored_file("00001-study_REMOTE_4711.sql", is_there));
/// assert!(!is_ignored_file("00001-study.sql", is_there));
/// ```
pub fn is_ignored_file(name: &str, is_there: impl Fn(&str) -> bool) -> bool {
    let lower = name.to_lowercase();
    let own = lower.ends_with(".sql") || lower.ends_with(".yaml");
    name.starts_with('.')
        || name.starts_with("README")
        || lower.starts_with("~$")
        || (!own && is_leftover(&lower))
        || side_of(name).is_some_and(|merged| is_there(&merged))
}

/// Files and directories of operating systems, of version control, and of editors that have one name for all.
const NAMES: [&str; 14] = [
    "thumbs.db",
    "thumbs.db:encryptable",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "desktop.ini",
    "icon\r",
    "$recycle.bin",
    "__macosx",
    "@eadir",
    "cvs",
    "rcs",
    "sccs",
    // Vim makes it for a moment, to see whether it may.
    "4913",
    "deadjoe",
];

/// Endings that are added to a file's name: by editors, by `patch`, and by version control for the sides of a conflict.
const ENDINGS: [&str; 24] = [
    "~",
    ".bak",
    ".backup",
    ".old",
    ".orig",
    ".porig",
    ".rej",
    ".save",
    ".tmp",
    ".temp",
    ".swp",
    ".swo",
    ".swn",
    ".swx",
    ".kate-swp",
    "___jb_tmp___",
    "___jb_old___",
    "___jb_bak___",
    ".mine",
    ".working",
    ".base",
    ".this",
    ".other",
    ".moved",
];

fn is_leftover(name: &str) -> bool {
    let emacs = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    // Subversion has the revision of a side, and git its branch.
    let revision = name.rsplit_once(".r").is_some_and(|(file, digits)| is_file(file) && is_number(digits));
    let numbered = name.rsplit_once('.').filter(|(_, digits)| is_number(digits)).map(|(file, _)| file);
    let branch = name.split_once('~').is_some_and(|(file, _)| is_file(file));
    let ends = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(ending));
    emacs || revision || branch || ends(name) || numbered.is_some_and(ends) || NAMES.contains(&name)
}

/// Whether a bundle may have a file with this name, by its ending.
fn is_file(name: &str) -> bool {
    [".sql", ".yaml", ".json", ".csv", ".lock", ".merge-left", ".merge-right"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The file that `git mergetool` merges, if this is one of its sides: `a.sql` for `a_BASE_4711.sql`.
fn side_of(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let (rest, process) = stem.rsplit_once('_').filter(|(_, process)| is_number(process))?;
    let (file, side) = rest.rsplit_once('_')?;
    let sides = ["BACKUP", "BASE", "LOCAL", "REMOTE"];
    (!process.is_empty() && sides.contains(&side)).then(|| format!("{file}.{ending}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_ignored_file;

    #[test]
    fn what_editors_and_merge_tools_leave_is_passed_over() {
        let is_there = |name: &str| ["00001-a.sql", "00001-a.down.sql", "deploy.yaml"].contains(&name);
        for name in [
            "00001-a.sql~",
            "00001-a.sql.~1~",
            "#00001-a.sql#",
            ".#00001-a.sql",
            ".00001-a.sql.swp",
            "00001-a.sql.swp",
            "00001-a.sql.orig",
            "00001-a.sql.ORIG",
            "00001-a.sql.rej",
            "00001-a.sql.bak",
            "00001-a.bak",
            "00001-a.sql.save.1",
            "00001-a.sql.mine",
            "00001-a.sql.r12",
            "00001-a.sql.merge-left.r12",
            "00001-a.sql.BASE",
            "00001-a.sql~HEAD",
            "00001-a.sql~fix_of_today",
            "00001-a_BACKUP_12.sql",
            "00001-a_BASE_12.sql",
            "00001-a_LOCAL_12.sql",
            "00001-a.down_REMOTE_12.sql",
            "deploy_REMOTE_12.yaml",
            "00001-a.sql___jb_tmp___",
            "~$00001-a.sql",
            "Thumbs.db",
            "Desktop.ini",
            ".DS_Store",
            "._00001-a.sql",
            "Icon\r",
            "4913",
            "CVS",
            "migrations.lock~",
            "migrations.lock.orig",
            "README.md",
        ] {
            assert!(is_ignored_file(name, is_there), "{name}");
        }
        for name in [
            "00001-a.sql",
            "00001-a.SQL",
            "00001-a.down.sql",
            "00001-a.orig.sql",
            "00001-a.bak.sql",
            "00002-b_BASE_12.sql",
            "00001-a_BASE_.sql",
            "00001-a_BASE.sql",
            "00001-a_OTHER_12.sql",
            "00001-a (1).sql",
            "00001-a.sql.r",
            "notes.txt",
            "deploy.yaml",
            "deploy.yml",
            "bundle.yaml",
            "migrations.lock",
            "#",
            "Thumbs.sql",
        ] {
            assert!(!is_ignored_file(name, is_there), "{name}");
        }
    }
}
