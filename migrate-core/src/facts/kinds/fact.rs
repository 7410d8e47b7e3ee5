use super::alias::AliasFact;
use super::column::ColumnFact;
use super::constraints::{CheckFact, ExcludeFact, ForeignKeyFact, KeyFact};
use super::data::DataFact;
use super::extension::ExtensionFact;
use super::function::FunctionFact;
use super::grant::GrantFact;
use super::identity::IdentityFact;
use super::include::IncludeFact;
use super::index::IndexFact;
use super::link::LinkFact;
use super::partition::PartitionFact;
use super::policy::PolicyFact;
use super::schema::SchemaFact;
use super::sql::SqlFact;
use super::table::TableFact;
use super::trigger::TriggerFact;
use super::view::ViewFact;
use crate::error::Place;
use crate::facts::document::{Content, DocumentNode, FactReader, MapEntry};
use crate::facts::language::{Clauses, PrintedClauses, TableContext, nearest, words};

/// A claim about the database, and its place.
///
/// Two facts are equal if their claims are, whatever their places. A fact prints itself as YAML, which reads as the
/// same fact.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What is claimed.
    #[doc(hidden)]
    pub claim: Claim,
    /// Its place: the first character of the fact.
    pub place: Place,
}

impl PartialEq for Fact {
    fn eq(&self, other: &Fact) -> bool {
        self.claim == other.claim
    }
}

/// What a fact claims. Deploying it makes it true, and does nothing if it already is.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// `table:`
    Table(TableFact),
    /// `column:`
    Column(ColumnFact),
    /// `link:`
    Link(LinkFact),
    /// `identity:`
    Identity(IdentityFact),
    /// `data:`
    Data(DataFact),
    /// `sql:`
    Sql(SqlFact),
    /// `include:`
    Include(IncludeFact),
    /// `alias:`
    Alias(AliasFact),
    /// `schema:`
    Schema(SchemaFact),
    /// `extension:`
    Extension(ExtensionFact),
    /// `index:`
    Index(IndexFact),
    /// `check:`
    Check(CheckFact),
    /// `view:`
    View(ViewFact),
    /// `function:`
    Function(FunctionFact),
    /// `trigger:`
    Trigger(TriggerFact),
    /// `key:`
    Key(KeyFact),
    /// `foreign_key:`
    ForeignKey(ForeignKeyFact),
    /// `exclude:`
    Exclude(ExcludeFact),
    /// `policy:`
    Policy(PolicyFact),
    /// `partition:`
    Partition(PartitionFact),
    /// `grant:`
    Grant(GrantFact),
}

/// The keys that name kinds. Some are clauses of other kinds too, and come after those: an alias has `sql`, an index
/// and a key `include`, an extension `schema`.
const KINDS: [&str; 21] = [
    "table",
    "column",
    "link",
    "identity",
    "data",
    "alias",
    "index",
    "check",
    "key",
    "foreign_key",
    "exclude",
    "policy",
    "partition",
    "view",
    "function",
    "trigger",
    "grant",
    "extension",
    "schema",
    "sql",
    "include",
];

impl Claim {
    /// The key that names its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Claim::Table(_) => "table",
            Claim::Column(_) => "column",
            Claim::Link(_) => "link",
            Claim::Identity(_) => "identity",
            Claim::Data(_) => "data",
            Claim::Sql(_) => "sql",
            Claim::Include(_) => "include",
            Claim::Alias(_) => "alias",
            Claim::Schema(_) => "schema",
            Claim::Extension(_) => "extension",
            Claim::Index(_) => "index",
            Claim::Check(_) => "check",
            Claim::View(_) => "view",
            Claim::Function(_) => "function",
            Claim::Trigger(_) => "trigger",
            Claim::Key(_) => "key",
            Claim::ForeignKey(_) => "foreign_key",
            Claim::Exclude(_) => "exclude",
            Claim::Policy(_) => "policy",
            Claim::Partition(_) => "partition",
            Claim::Grant(_) => "grant",
        }
    }

    fn read(clauses: Clauses<'_>) -> Option<Claim> {
        match clauses.kind {
            "table" => TableFact::read(clauses).map(Claim::Table),
            "column" => ColumnFact::read(clauses).map(Claim::Column),
            "link" => LinkFact::read(clauses).map(Claim::Link),
            "identity" => IdentityFact::read(clauses).map(Claim::Identity),
            "data" => DataFact::read(clauses).map(Claim::Data),
            "sql" => SqlFact::read(clauses).map(Claim::Sql),
            "include" => IncludeFact::read(clauses).map(Claim::Include),
            "alias" => AliasFact::read(clauses).map(Claim::Alias),
            "schema" => SchemaFact::read(clauses).map(Claim::Schema),
            "extension" => ExtensionFact::read(clauses).map(Claim::Extension),
            "index" => IndexFact::read(clauses).map(Claim::Index),
            "check" => CheckFact::read(clauses).map(Claim::Check),
            "view" => ViewFact::read(clauses).map(Claim::View),
            "function" => FunctionFact::read(clauses).map(Claim::Function),
            "trigger" => TriggerFact::read(clauses).map(Claim::Trigger),
            "key" => KeyFact::read(clauses).map(Claim::Key),
            "foreign_key" => ForeignKeyFact::read(clauses).map(Claim::ForeignKey),
            "exclude" => ExcludeFact::read(clauses).map(Claim::Exclude),
            "policy" => PolicyFact::read(clauses).map(Claim::Policy),
            "partition" => PartitionFact::read(clauses).map(Claim::Partition),
            _ => GrantFact::read(clauses).map(Claim::Grant),
        }
    }

    /// Its clauses, without those that `with` implies.
    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        match self {
            Claim::Table(table) => table.print(),
            Claim::Column(column) => column.print(within),
            Claim::Link(link) => link.print(within),
            Claim::Identity(identity) => identity.print(within),
            Claim::Data(data) => data.print(within),
            Claim::Sql(sql) => sql.print(),
            Claim::Include(include) => include.print(),
            Claim::Alias(alias) => alias.print(within),
            Claim::Schema(schema) => schema.print(),
            Claim::Extension(extension) => extension.print(),
            Claim::Index(index) => index.print(within),
            Claim::Check(check) => check.print(within),
            Claim::View(view) => view.print(),
            Claim::Function(function) => function.print(),
            Claim::Trigger(trigger) => trigger.print(within),
            Claim::Key(fact) => fact.print(within),
            Claim::ForeignKey(fact) => fact.print(within),
            Claim::Exclude(fact) => fact.print(within),
            Claim::Policy(fact) => fact.print(within),
            Claim::Partition(fact) => fact.print(within),
            Claim::Grant(grant) => grant.print(within),
        }
    }
}

impl Fact {
    /// Reads one fact or a list of facts; no value is an empty list.
    pub(crate) fn list(reader: &FactReader<'_>, node: Option<&DocumentNode>) -> Vec<Fact> {
        let nodes = node.map_or(&[][..], DocumentNode::one_or_list);
        nodes.iter().filter_map(|node| Fact::read(reader, node, None)).collect()
    }

    pub(crate) fn read(
        reader: &FactReader<'_>,
        node: &DocumentNode,
        within: Option<&TableContext>,
    ) -> Option<Fact> {
        let Content::Map(entries) = &node.content else {
            let problem = node.error(format!("a fact is a mapping, not {}", node.what()));
            reader.problem(problem.help("write `- table: study`"));
            return None;
        };
        let kind = kind(reader, node, entries)?;
        let claim = Claim::read(Clauses::new(reader, node, entries, kind, within))?;
        Some(Fact { claim, place: node.source.place(node.position) })
    }
}

/// The kind that a fact's keys name.
fn kind(reader: &FactReader<'_>, node: &DocumentNode, entries: &[MapEntry]) -> Option<&'static str> {
    let named = |kind: &&'static str| entries.iter().any(|entry| *entry.key == **kind);
    let kinds: Vec<&'static str> = KINDS.into_iter().filter(named).collect();
    let clause = |kind: &&str| match *kind {
        "sql" => kinds.contains(&"alias"),
        "include" => kinds.contains(&"index") || kinds.contains(&"key"),
        "schema" => kinds.contains(&"extension"),
        _ => false,
    };
    let rest: Vec<&'static str> = kinds.iter().copied().filter(|kind| !clause(kind)).collect();
    match rest.as_slice() {
        [kind] => Some(kind),
        [] => {
            let problem = node.error("no key says what kind of fact this is");
            let meant = entries.iter().find_map(|entry| Some((entry, nearest(&entry.key, KINDS)?)));
            reader.problem(match meant {
                Some((entry, kind)) => {
                    problem.help(format!("did you mean `{kind}:` instead of `{}:`?", entry.key))
                }
                None => problem.help(format!("the kinds are {}", words(&KINDS))),
            });
            None
        }
        kinds => {
            let problem = node.error(format!("the fact is of several kinds: {}", words(kinds)));
            reader.problem(problem.help("make each a fact of its own, with a `-` before it"));
            None
        }
    }
}
