use super::{
    Alias, Check, Column, Data, Extension, Function, Grant, Identity, Include, Index, Link, Schema, Sql,
    Table, Trigger, View,
};
use crate::Place;

/// A claim about the database, and where it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What is claimed.
    pub claim: Claim,
    /// Where: the first character of the fact.
    pub place: Place,
}

/// What a fact claims. Deploying makes it true, and does nothing where it is true already.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// `table:`
    Table(Table),
    /// `column:`
    Column(Column),
    /// `link:`
    Link(Link),
    /// `identity:`
    Identity(Identity),
    /// `data:`
    Data(Data),
    /// `sql:`
    Sql(Sql),
    /// `include:`
    Include(Include),
    /// `alias:`
    Alias(Alias),
    /// `schema:`
    Schema(Schema),
    /// `extension:`
    Extension(Extension),
    /// `index:`
    Index(Index),
    /// `check:`
    Check(Check),
    /// `view:`
    View(View),
    /// `function:`
    Function(Function),
    /// `trigger:`
    Trigger(Trigger),
    /// `grant:`
    Grant(Grant),
}

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
            Claim::Grant(_) => "grant",
        }
    }
}
