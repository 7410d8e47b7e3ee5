use std::collections::{BTreeSet, HashMap};

use squawk_lexer::TokenKind;
use squawk_parser::SyntaxKind as K;

use crate::lex::{Token, fold, tokens};
use crate::sql::tree::Node;

/// An object's name as PostgreSQL reads it: folded, unless it is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ObjectName {
    schema: Option<String>,
    name: String,
    /// As it is written, for messages and recipes.
    pub(super) written: String,
}

impl ObjectName {
    /// The first name in a node.
    pub(super) fn of(node: Node<'_>) -> Option<ObjectName> {
        const NAMED: [K; 6] =
            [K::PATH, K::PATH_REF, K::COLUMN_NAME, K::COLUMN_NAME_REF, K::CONSTRAINT_NAME, K::NAME_REF];
        let path = node.all().find(|node| NAMED.contains(&node.kind()))?;
        let words = path.all().filter(|node| node.is_token() && node.kind() != K::DOT);
        let mut words: Vec<String> = words.map(|word| fold(word.text())).collect();
        let name = words.pop()?;
        Some(ObjectName { schema: words.pop(), name, written: path.text().to_owned() })
    }

    /// A name that is alone in a text.
    pub(super) fn written(text: &str) -> Option<ObjectName> {
        let name = |token: &Token<'_>| matches!(token.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. });
        let mut words: Vec<String> = tokens(text).filter(name).map(|token| fold(token.text)).collect();
        let name = words.pop()?;
        Some(ObjectName { schema: words.pop(), name, written: text.to_owned() })
    }

    /// The same object under another name.
    pub(super) fn renamed(&self, new: &ObjectName) -> ObjectName {
        ObjectName { schema: self.schema.clone(), ..new.clone() }
    }

    /// The same name in another schema.
    pub(super) fn moved(&self, schema: Option<String>) -> ObjectName {
        ObjectName { schema, ..self.clone() }
    }

    /// The same name, after its schema was renamed.
    pub(super) fn in_renamed(&mut self, old: &str, new: &str) {
        if self.schema.as_deref() == Some(old) {
            self.schema = Some(new.to_owned());
        }
    }

    /// Whether it names this schema.
    pub(super) fn is_in(&self, schema: &str) -> bool {
        self.schema.as_deref() == Some(schema)
    }

    /// The same name in this schema, if it names none.
    pub(super) fn within(mut self, schema: Option<&str>) -> ObjectName {
        self.schema = self.schema.or_else(|| schema.map(str::to_owned));
        self
    }

    /// Whether both may be the same object: a name without a schema may be in any.
    pub(super) fn is(&self, other: &ObjectName) -> bool {
        let schemas = self.schema.as_ref().zip(other.schema.as_ref());
        self.name == other.name && schemas.is_none_or(|(one, two)| one == two)
    }

    /// A name made of this one and another, such as a constraint's.
    pub(super) fn joined(&self, ending: &str) -> String {
        crate::text::quote::printed(&format!("{}_{ending}", self.name), &BTreeSet::new())
    }

    /// The same in its schema.
    pub(super) fn beside(&self, ending: &str) -> String {
        let schema = self.schema.as_ref().and_then(|_| self.written.rsplit_once('.'));
        schema.map_or(String::new(), |(schema, _)| format!("{schema}.")) + &self.joined(ending)
    }

    /// With its schema, as types are known by.
    pub(super) fn folded(&self) -> String {
        self.schema.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// With its schema, as SQL.
    pub(super) fn printed(&self) -> String {
        let parts = self.schema.iter().chain([&self.name]);
        parts.map(|part| crate::text::quote::printed(part, &BTreeSet::new())).collect::<Vec<_>>().join(".")
    }

    /// Without its schema, folded.
    pub(super) fn bare(&self) -> &str {
        &self.name
    }
}

/// What something is called from now on.
pub(super) enum NewName {
    /// Another name in the same schema.
    To(ObjectName),
    /// By its name in another schema.
    In(Option<String>),
}

impl NewName {
    /// What a clause makes of a name: `RENAME TO`, or `SET SCHEMA`.
    pub(super) fn by(clause: Node<'_>) -> Option<NewName> {
        const TO: [K; 5] = [
            K::DOMAIN_RENAME_TO,
            K::INDEX_RENAME_TO,
            K::TABLE_RENAME_TO,
            K::TYPE_RENAME_TO,
            K::VIEW_RENAME_TO,
        ];
        if clause.kind() == K::SET_SCHEMA {
            return Some(NewName::In(clause.find(K::SCHEMA_REF).map(|schema| fold(schema.text()))));
        }
        TO.contains(&clause.kind()).then(|| ObjectName::of(clause))?.map(NewName::To)
    }

    /// The new name of what had an old one.
    pub(super) fn of(&self, old: &ObjectName) -> ObjectName {
        match self {
            NewName::To(new) => old.renamed(new),
            NewName::In(schema) => old.moved(schema.clone()),
        }
    }
}

/// Many names, found by what they are without their schemas.
#[derive(Default)]
pub(super) struct NameSet(HashMap<String, Vec<ObjectName>>);

impl NameSet {
    pub(super) fn have(&self, name: &ObjectName) -> bool {
        self.0.get(name.bare()).is_some_and(|names| names.iter().any(|known| known.is(name)))
    }

    /// Takes out those that may be this one.
    pub(super) fn remove(&mut self, name: &ObjectName) {
        if let Some(names) = self.0.get_mut(name.bare()) {
            names.retain(|known| !known.is(name));
        }
    }

    /// Applies a new name to those that may be this object.
    pub(super) fn rename(&mut self, old: &ObjectName, new: &NewName) {
        let Some(names) = self.0.get_mut(old.bare()) else { return };
        let renamed: Vec<ObjectName> =
            names.extract_if(.., |known| known.is(old)).map(|known| new.of(&known)).collect();
        self.extend(renamed);
    }

    /// All of them, to change their schemas.
    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut ObjectName> {
        self.0.values_mut().flatten()
    }

    /// All of them.
    pub(super) fn into_iter(self) -> impl Iterator<Item = ObjectName> {
        self.0.into_values().flatten()
    }

    pub(super) fn extend(&mut self, names: impl IntoIterator<Item = ObjectName>) {
        names.into_iter().for_each(|name| self.0.entry(name.name.clone()).or_default().push(name));
    }
}
