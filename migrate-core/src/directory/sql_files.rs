use super::fact_files::FACTS;
use super::file_name::FileName;
use super::source_directory::SourceDirectory;
use crate::facts;
use crate::file::normalise;
use crate::patch::{FileRole, Version};

/// The texts of the patches before a version, in the order of their versions; of patches whose body is facts, what these say.
/// The domains of `deploy.yaml` come first. Its tables describe the schema after the last patch.
pub(super) fn earlier_texts(source: &SourceDirectory<'_>, version: Version) -> Vec<String> {
    let before = |name: &FileName<'_>| name.role != FileRole::Down && name.version < version;
    let scripts = sql_files(source).into_iter().filter(|script| before(&script.name));
    let mut texts: Vec<(Version, String)> =
        scripts.map(|script| (script.name.version, script.text)).collect();
    let frozen = source.files.iter().filter_map(|file| {
        let name = FileName::parse(&file.name).ok().filter(|name| name.facts && before(name))?;
        let facts = facts::read(source.facts.as_ref(), &file.name).ok()?;
        Some((name.version, facts::as_sql(&facts)))
    });
    texts.extend(frozen);
    texts.sort_by_key(|(version, _)| *version);
    let declared = source.file(FACTS).and_then(|_| facts::read(source.facts.as_ref(), FACTS).ok());
    let domains = declared.map(|facts| facts::domains(&facts));
    domains.into_iter().chain(texts.into_iter().map(|(_, text)| text)).collect()
}

/// A file of SQL whose name is that of a patch.
pub(super) struct SqlFile<'a> {
    pub(super) name: FileName<'a>,
    pub(super) path: String,
    pub(super) text: String,
}

/// All files of SQL whose names and texts can be read, in the order of their versions.
pub(super) fn sql_files<'a>(source: &'a SourceDirectory<'_>) -> Vec<SqlFile<'a>> {
    let scripts = source.files.iter().filter_map(|file| {
        let name = FileName::parse(&file.name).ok().filter(|name| !name.facts)?;
        let path = source.path(&file.name);
        let text = normalise(&path, &file.bytes).ok()?.into_owned();
        Some(SqlFile { name, path, text })
    });
    let mut scripts: Vec<SqlFile<'_>> = scripts.collect();
    scripts.sort_by_key(|script| script.name.version);
    scripts
}
