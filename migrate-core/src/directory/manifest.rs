use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use super::source_directory::SourceDirectory;
use crate::bundle::MANIFEST;
use crate::error::{Error, ErrorKind, Place};
use crate::file::normalise;
use crate::patch::Timeout;
use crate::sql::{LintLevel, LintRule};
use crate::text::quote::LONGEST;

/// `bundle.yaml`: what is said about a bundle as a whole. Every key is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The bundle's name, and its place in the text.
    pub(crate) name: Option<(String, Place)>,
    /// `history: separate`: other histories of a database may have its patches too.
    pub(crate) separate: bool,
    pub(crate) requires: Vec<String>,
    pub(crate) schema: Option<String>,
    /// Roles whose objects are trusted.
    pub(crate) trust: Vec<String>,
    pub(crate) lock_timeout: Option<Timeout>,
    pub(crate) statement_timeout: Option<Timeout>,
    /// `facts: verify`: a boot only checks them.
    pub(crate) verify_facts: bool,
    /// `replicated: true`: the statements of every patch are embedded, for databases that are replicated by statements.
    pub(crate) replicated: bool,
    /// The levels of rules that differ from the default.
    pub(crate) lint: BTreeMap<LintRule, LintLevel>,
}

const KEYS: &str = "the keys are `name`, `requires`, `schema`, `trust` (a list of roles), `facts` (deploy or verify), `history` (separate), `lint` (rules, each off, warn or refuse),\n`replicated` (true or false) and `timeouts` (with `lock` and `statement`)";

impl Manifest {
    /// The manifest among a directory's files; an empty one if there is none.
    pub(super) fn read(source: &SourceDirectory<'_>) -> Result<Manifest, Error> {
        let Some(file) = source.file(MANIFEST) else { return Ok(Manifest::default()) };
        let path = source.path(MANIFEST);
        Manifest::parse(&path, &normalise(&path, &file.bytes)?)
    }

    /// Reads a manifest; `file` is its name in messages.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Manifest, Error> {
        if let Some(offset) = too_deep(text) {
            return Err(Error::new(ErrorKind::Format, "the YAML nests too deep")
                .at(Place::offset(file, text, offset))
                .help(KEYS));
        }
        let parser = ManifestParser { file, text };
        let documents = MarkedYaml::load_from_str(text).map_err(|error| {
            let marker = error.marker();
            let place = Place::line_column(file, text, marker.line(), marker.col());
            Error::new(ErrorKind::Format, error.info().to_owned())
                .at(place)
                .help("the file is YAML: a `key: value` a line, and quotes around a value with `:`, `#` or brackets")
        })?;
        let [document] = documents.as_slice() else {
            return match documents.is_empty() {
                true => Ok(Manifest::default()),
                false => Err(Error::new(ErrorKind::Format, "there is more than one YAML document")
                    .at(Place::file(file))
                    .help("remove the `---` and what follows")),
            };
        };
        parser.manifest(document)
    }
}

/// How many brackets a manifest may open, and how far a line may be indented.
const DEEPEST: usize = 200;

/// If a text may nest deeper than the YAML parser's stack allows: the parser has no limit of its own.
fn too_deep(text: &str) -> Option<usize> {
    let bracket = text.match_indices(['[', '{']).nth(DEEPEST).map(|(offset, _)| offset);
    let lines = text.split_inclusive('\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end - line.len(), line))
    });
    // Each level of a block needs a column of its own.
    let indented = |line: &str| line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':']).len();
    let mut lines = lines.filter(|(_, line)| indented(line) > DEEPEST);
    bracket.or_else(|| lines.next().map(|(offset, _)| offset))
}

struct ManifestParser<'a> {
    file: &'a str,
    text: &'a str,
}

impl ManifestParser<'_> {
    fn manifest(&self, document: &MarkedYaml<'_>) -> Result<Manifest, Error> {
        let mut manifest = Manifest::default();
        if matches!(document.data, YamlData::Value(Scalar::Null)) {
            return Ok(manifest);
        }
        let problems = self.each(document, |key, node, value| match key {
            "name" => self.name(value).map(|name| manifest.name = Some((name, self.place(value)))),
            "requires" => self.requires(value).map(|names| manifest.requires = names),
            "schema" => self.named(value, "a schema").map(|schema| manifest.schema = Some(schema)),
            "trust" => self.trust(value).map(|roles| manifest.trust = roles),
            "facts" => match self.word(value)?.as_str() {
                "deploy" => Ok(()),
                "verify" => {
                    manifest.verify_facts = true;
                    Ok(())
                }
                other => Err(self
                    .error(value, format!("`{other}` is not a value of `facts`"))
                    .help("write `deploy`, which is the default, or `verify`")),
            },
            "history" => match self.word(value)?.as_str() {
                "separate" => {
                    manifest.separate = true;
                    Ok(())
                }
                other => Err(self
                    .error(value, format!("`{other}` is not a value of `history`"))
                    .help(
                        "write `separate` if a database may have the same patches under another name, or in another \
                         history: for example, one schema for each tenant, or a service that began as a copy of another one",
                    )),
            },
            "replicated" => self.truth(value).map(|replicated| manifest.replicated = replicated),
            "timeouts" => self.timeouts(&mut manifest, value),
            "lint" => self.lint(&mut manifest, value),
            _ => Err(self.error(node, format!("`{key}` is not a key of bundle.yaml")).help(KEYS)),
        });
        Error::all(problems).map_or(Ok(manifest), Err)
    }

    fn timeouts(&self, manifest: &mut Manifest, node: &MarkedYaml<'_>) -> Result<(), Error> {
        let problems = self.each(node, |key, node, value| match key {
            "lock" => self.timeout(value).map(|limit| manifest.lock_timeout = Some(limit)),
            "statement" => self.timeout(value).map(|limit| manifest.statement_timeout = Some(limit)),
            _ => Err(self
                .error(node, format!("`{key}` is not a timeout"))
                .help("they are `lock` and `statement`")),
        });
        Error::all(problems).map_or(Ok(()), Err)
    }

    fn lint(&self, manifest: &mut Manifest, node: &MarkedYaml<'_>) -> Result<(), Error> {
        let problems = self.each(node, |key, node, value| {
            let rule: LintRule = key.parse().map_err(|error: Error| error.at(self.place(node)))?;
            let level = self.word(value)?.parse().map_err(|error: Error| error.at(self.place(value)))?;
            manifest.lint.insert(rule, level);
            Ok(())
        });
        Error::all(problems).map_or(Ok(()), Err)
    }

    fn each(
        &self,
        node: &MarkedYaml<'_>,
        mut visit: impl FnMut(&str, &MarkedYaml<'_>, &MarkedYaml<'_>) -> Result<(), Error>,
    ) -> Vec<Error> {
        let YamlData::Mapping(mapping) = &node.data else {
            return vec![self.error(node, "keys with values belong here".to_owned()).help(KEYS)];
        };
        let entries = mapping.iter().map(|(key, value)| visit(&self.word(key)?, key, value));
        entries.filter_map(Result::err).collect()
    }

    fn truth(&self, node: &MarkedYaml<'_>) -> Result<bool, Error> {
        match &node.data {
            YamlData::Value(Scalar::Boolean(truth)) => Ok(*truth),
            _ => Err(self.error(node, "`true` or `false` belongs here".to_owned())),
        }
    }

    fn requires(&self, node: &MarkedYaml<'_>) -> Result<Vec<String>, Error> {
        match &node.data {
            YamlData::Sequence(items) => items.iter().map(|item| self.name(item)).collect(),
            _ => Err(self
                .error(node, "a list of bundles belongs here".to_owned())
                .help("write `requires: [audit]`")),
        }
    }

    fn trust(&self, node: &MarkedYaml<'_>) -> Result<Vec<String>, Error> {
        match &node.data {
            YamlData::Sequence(items) => items.iter().map(|item| self.named(item, "a role")).collect(),
            _ => Err(self
                .error(node, "a list of roles belongs here".to_owned())
                .help("write `trust: [registry_owner]`")),
        }
    }

    fn name(&self, node: &MarkedYaml<'_>) -> Result<String, Error> {
        let name = self.word(node)?;
        match is_bundle_name(&name) {
            true => Ok(name),
            false => {
                Err(self.error(node, format!("`{name}` is not a valid name for a bundle")).help(NAME_FORM))
            }
        }
    }

    fn named(&self, node: &MarkedYaml<'_>, what: &str) -> Result<String, Error> {
        let name = self.word(node)?;
        match name.len() <= LONGEST && !name.contains(char::is_control) {
            true => Ok(name),
            false => Err(self
                .error(node, format!("`{name}` is not a valid name for {what}"))
                .help("a name is at most 63 bytes without control characters")),
        }
    }

    fn timeout(&self, node: &MarkedYaml<'_>) -> Result<Timeout, Error> {
        let place = self.place(node);
        self.word(node)?.parse().map_err(|error: Error| error.at(place))
    }

    fn word(&self, node: &MarkedYaml<'_>) -> Result<String, Error> {
        match &node.data {
            YamlData::Value(Scalar::String(text)) if !text.is_empty() => Ok(text.to_string()),
            YamlData::Value(Scalar::Integer(number)) => Ok(number.to_string()),
            _ => Err(self
                .error(node, "a word belongs here".to_owned())
                .help("put it in quotes if YAML would read it as something else: `\"true\"`")),
        }
    }

    fn error(&self, node: &MarkedYaml<'_>, message: String) -> Error {
        Error::new(ErrorKind::Format, message).at(self.place(node))
    }

    fn place(&self, node: &MarkedYaml<'_>) -> Place {
        Place::line_column(self.file, self.text, node.span.start.line(), node.span.start.col())
    }
}

/// What a bundle may be called.
pub const NAME_FORM: &str = "a name is letters, digits, `-` and `_`, at most 63 bytes";

/// Whether a bundle may be called that.
pub fn is_bundle_name(name: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.len() <= 63 && name.chars().all(fine)
}
