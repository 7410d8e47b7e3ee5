use crate::error::{Error, Place};
use crate::facts::document::{Content, DocumentNode};
use crate::facts::language::{Clauses, Deferrable, PrintedClauses, TableContext, TableName, label, nearest};
use crate::facts::values::Value;

/// The primary key is these columns and links, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityFact {
    /// The table.
    pub of: TableName,
    /// Its columns and links.
    pub members: Vec<IdentityMember>,
    /// When the primary key is checked.
    pub deferrable: Deferrable,
}

/// A column or link of an identity.
///
/// Two members are equal if label and generator are, whatever their places.
#[derive(Debug, Clone)]
pub struct IdentityMember {
    /// Its label.
    pub label: String,
    /// The generator that makes its value if a new row gives none.
    pub generator: Option<Generator>,
    /// Its place.
    pub place: Place,
}

/// What makes the value of an identity's member if a new row gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// 1, 2, 3 … within the preceding members; zero-padded for text.
    Offset,
    /// A random integer, or a text such as `A00A0000`, that no other row has.
    Random,
    /// A UUID.
    Uuid,
}

impl IdentityFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<IdentityFact> {
        let named = clauses.value("identity", |node| label::each(node, member)).unwrap_or_default();
        let table = named.iter().find_map(|(table, _)| table.clone());
        let members: Vec<IdentityMember> = named.iter().map(|(_, member)| member.clone()).collect();
        // The table may have been named by a member that can't be read.
        if members.is_empty()
            && clauses.entry("identity").is_some_and(|entry| !entry.value.one_or_list().is_empty())
        {
            clauses.entry("of");
            clauses.finish();
            return None;
        }
        for (at, member) in members.iter().enumerate() {
            if members.iter().take(at).any(|other| other.label == member.label) {
                let message = format!("`{}` is twice in the identity", member.label);
                clauses.problem_at("identity", message, "name each column and link once");
            }
        }
        if members.is_empty() {
            clauses.problem_at(
                "identity",
                "an identity needs columns or links",
                "name them: `identity: [code]`",
            );
        }
        let mut others = named.iter().filter_map(|(other, _)| other.as_ref().zip(table.as_ref()));
        if let Some((other, _)) = others.find(|(other, table)| !other.agrees(table)) {
            let message = format!("the identity names another table, `{other}`");
            clauses.problem_at("identity", message, "an identity is of one table");
        }
        let of = clauses.of(table);
        let deferrable = clauses.value("deferrable", Deferrable::read).unwrap_or_default();
        clauses.finish();
        Some(IdentityFact { of: of?, members, deferrable })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let members: Vec<Value> = self.members.iter().map(IdentityMember::words).collect();
        PrintedClauses::new("identity", members)
            .of(&self.of, within)
            .some("deferrable", self.deferrable.words())
    }
}

fn member(node: &DocumentNode) -> Result<(Option<TableName>, IdentityMember), Error> {
    let place = node.source.place(node.position);
    let Content::Map(entries) = &node.content else {
        let (table, label) = label::field(node)?;
        return Ok((table, IdentityMember { label, generator: None, place }));
    };
    let [entry] = &**entries else {
        return Err(node
            .error("a member of an identity is one label")
            .help("write `- LABEL` or `- LABEL: GENERATOR`"));
    };
    let (table, label) = label::field(&DocumentNode {
        content: Content::Scalar(entry.key.clone(), crate::facts::document::Style::Quoted),
        position: entry.position,
        ..node.clone()
    })?;
    let generator = Some(Generator::read(&entry.value)?);
    Ok((table, IdentityMember { label, generator, place }))
}

impl IdentityMember {
    /// Its word or value in facts.
    fn words(&self) -> Value {
        match self.generator {
            None => Value::from(&self.label),
            Some(generator) => Value::Map(vec![(self.label.clone(), generator.word().into())]),
        }
    }
}

impl PartialEq for IdentityMember {
    fn eq(&self, other: &IdentityMember) -> bool {
        self.label == other.label && self.generator == other.generator
    }
}

impl Generator {
    const ALL: [Generator; 3] = [Generator::Offset, Generator::Random, Generator::Uuid];

    fn read(node: &DocumentNode) -> Result<Generator, Error> {
        let text = node.text()?;
        Generator::ALL.into_iter().find(|generator| generator.word() == text).ok_or_else(|| {
            let problem = node.error(format!("there is no generator `{text}`"));
            match nearest(text, Generator::ALL.map(Generator::word)) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help("the generators are `offset`, `random` and `uuid`"),
            }
        })
    }

    /// Its word or value in facts.
    fn word(self) -> &'static str {
        match self {
            Generator::Offset => "offset",
            Generator::Random => "random",
            Generator::Uuid => "uuid",
        }
    }
}
