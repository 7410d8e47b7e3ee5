use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::error::{Error, ErrorKind, Place};
use crate::facts::kinds::{
    AliasFact, Claim, ColumnFact, Fact, FunctionFact, IdentityFact, LinkFact, SurrogateKey, TableFact,
    ViewFact,
};
use crate::facts::language::{DeclaredType, TableName, mangle};

/// Pairs of facts that ask for two objects with one name, of which the database can have only one: each pair is a
/// problem.
///
/// Names are made of labels and rarely clash: if a label begins or ends with `_`, if it looks like a shortened name, or
/// if a fact gives a name itself. `schema` is the schema of facts that name none; if it is not known, they are compared
/// only with each other.
///
/// ```
/// use embed_migrate_core::facts;
///
/// let mut facts = facts::parse("a text", "{column: a_.x, type: text, unique: true}")?;
/// facts.extend(facts::parse("another", "{column: a._x, type: text, unique: true}")?);
/// assert_eq!(
///     facts::clashes(&facts, None)[0].message(),
///     "the unique constraint of `a_.x` and the unique constraint of `a._x` would both be named `a___x__uk`",
/// );
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
pub fn clashes(facts: &[Fact], schema: Option<&str>) -> Vec<Error> {
    let mut names = NameClashes { schema, ..NameClashes::default() };
    names.all(facts);
    names.problems
}

/// The scope in which a name is unique.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum NameScope<'a> {
    /// A schema's tables, views, indexes and sequences.
    Relations,
    /// A schema's types, including the row types of tables and views.
    Types,
    /// A schema's functions with these arguments; of a table's row if a table is given.
    Functions(&'a str, Option<&'a str>),
    /// A table's.
    Columns(&'a str),
    Constraints(&'a str),
    Triggers(&'a str),
}

/// An object that facts create.
#[derive(Clone, Copy)]
struct NamedObject<'a> {
    what: &'static str,
    schema: Option<&'a str>,
    table: Option<&'a str>,
    /// Its label or name, unless it is the table itself.
    label: Option<&'a str>,
    place: &'a Place,
}

/// The schema, table and label of an object.
type Path<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

impl<'a> NamedObject<'a> {
    fn path(&self) -> Path<'a> {
        (self.schema, self.table, self.label)
    }
}

impl fmt::Display for NamedObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = [self.table, self.label].into_iter().flatten().collect();
        write!(f, "{} `{}`", self.what, path.join("."))
    }
}

#[derive(Default)]
struct NameClashes<'a> {
    schema: Option<&'a str>,
    known: HashMap<(Option<&'a str>, NameScope<'a>, String), NamedObject<'a>>,
    /// The pairs that were reported.
    reported: HashSet<[Path<'a>; 2]>,
    problems: Vec<Error>,
}

impl<'a> NameClashes<'a> {
    fn all(&mut self, facts: &'a [Fact]) {
        for fact in facts {
            match &fact.claim {
                Claim::Table(table) if table.present => {
                    self.table(table, &fact.place);
                    self.all(&table.with);
                }
                Claim::Column(column) if column.present => self.column(column, &fact.place),
                Claim::Link(link) if link.present => self.link(link, &fact.place),
                Claim::Identity(identity) => self.identity(identity, &fact.place),
                Claim::Index(index) if index.present => {
                    let thing = self.of("the index", &index.of, Some(&index.index), &fact.place);
                    self.add(NameScope::Relations, index.index.clone(), thing);
                }
                Claim::Check(check) if check.present => {
                    let thing = self.of("the check", &check.of, Some(&check.check), &fact.place);
                    self.add(NameScope::Constraints(&check.of.label), check.check.clone(), thing);
                }
                Claim::Key(key) if key.present => {
                    let thing = self.of("the key", &key.of, Some(&key.key), &fact.place);
                    self.constraint(&key.of.label, key.key.clone(), thing);
                }
                Claim::Exclude(exclude) if exclude.present => {
                    let thing = self.of("the exclusion", &exclude.of, Some(&exclude.exclude), &fact.place);
                    self.constraint(&exclude.of.label, exclude.exclude.clone(), thing);
                }
                Claim::ForeignKey(key) if key.present => {
                    let thing = self.of("the foreign key", &key.of, Some(&key.foreign_key), &fact.place);
                    self.add(NameScope::Constraints(&key.of.label), key.foreign_key.clone(), thing);
                }
                Claim::Partition(partition) if partition.present => {
                    let (label, name) = (&partition.partition, mangle(&[&partition.partition.label], None));
                    let thing = self.of("the partition", label, None, &fact.place);
                    self.add(NameScope::Relations, name.clone(), thing);
                    self.add(NameScope::Types, name, thing);
                }
                Claim::Trigger(trigger) if trigger.present => {
                    let thing = self.of("the trigger", &trigger.of, Some(&trigger.trigger), &fact.place);
                    self.add(NameScope::Triggers(&trigger.of.label), trigger.trigger.clone(), thing);
                }
                Claim::View(view) if view.present => self.view(view, &fact.place),
                Claim::Function(function) if function.present => self.function(function, &fact.place),
                Claim::Alias(alias) if alias.present => self.alias(alias, &fact.place),
                Claim::Include(include) => self.all(include.facts.as_deref().unwrap_or_default()),
                _ => {}
            }
        }
    }

    fn table(&mut self, fact: &'a TableFact, place: &'a Place) {
        let (label, name) = (fact.table.label.as_str(), mangle(&[&fact.table.label], None));
        let table = self.of("the table", &fact.table, None, place);
        self.add(NameScope::Relations, name.clone(), table);
        self.add(NameScope::Types, name, table);
        let id = fact.id.unwrap_or(SurrogateKey::Bigint);
        if id != SurrogateKey::None {
            let unique = NamedObject { what: "the unique constraint on `id` of", ..table };
            self.constraint(label, mangle(&[label], Some("uk")), unique);
        }
        if matches!(id, SurrogateKey::Bigint | SurrogateKey::Integer) {
            let sequence = NamedObject { what: "the sequence of", ..table };
            self.add(NameScope::Relations, mangle(&[label], Some("seq")), sequence);
        }
    }

    fn column(&mut self, fact: &'a ColumnFact, place: &'a Place) {
        let (table, label) = (fact.of.label.as_str(), fact.label.as_str());
        let column = self.of("the column", &fact.of, Some(label), place);
        self.add(NameScope::Columns(table), mangle(&[label], None), column);
        if fact.unique {
            self.unique(column);
        }
        if matches!(fact.kind, Some(DeclaredType::Enum(_))) {
            let kind = NamedObject { what: "the enum type of", ..column };
            self.add(NameScope::Types, mangle(&[table, label], Some("enum")), kind);
        }
    }

    fn link(&mut self, fact: &'a LinkFact, place: &'a Place) {
        let (table, label) = (fact.of.label.as_str(), fact.label.as_str());
        let link = self.of("the link", &fact.of, Some(label), place);
        self.add(NameScope::Columns(table), mangle(&[label], Some("id")), link);
        let (name, key) =
            (mangle(&[table, label], Some("fk")), NamedObject { what: "the foreign key of", ..link });
        self.add(NameScope::Constraints(table), name.clone(), key);
        match fact.unique {
            true => self.unique(link),
            false => {
                self.add(NameScope::Relations, name, NamedObject { what: "the index of the link", ..link })
            }
        }
    }

    fn unique(&mut self, field: NamedObject<'a>) {
        if let (Some(table), Some(label)) = (field.table, field.label) {
            let unique = NamedObject { what: "the unique constraint of", ..field };
            self.constraint(table, mangle(&[table, label], Some("uk")), unique);
        }
    }

    fn identity(&mut self, fact: &'a IdentityFact, place: &'a Place) {
        let (table, name) = (fact.of.label.as_str(), mangle(&[&fact.of.label], Some("pk")));
        let identity = self.of("the identity of", &fact.of, None, place);
        self.constraint(table, name.clone(), identity);
        if fact.members.iter().any(|member| member.generator.is_some()) {
            self.add(NameScope::Triggers(table), name.clone(), identity);
            self.add(NameScope::Functions("", None), name, identity);
        }
    }

    fn view(&mut self, fact: &'a ViewFact, place: &'a Place) {
        let view = self.of("the view", &fact.view, None, place);
        self.add(NameScope::Relations, fact.view.label.clone(), view);
        self.add(NameScope::Types, fact.view.label.clone(), view);
    }

    fn function(&mut self, fact: &'a FunctionFact, place: &'a Place) {
        let (schema, label) = (fact.schema.as_deref().or(self.schema), Some(fact.name.as_str()));
        let function = NamedObject { what: "the function", schema, table: None, label, place };
        self.add(NameScope::Functions(&fact.arguments, None), fact.name.clone(), function);
    }

    fn alias(&mut self, fact: &'a AliasFact, place: &'a Place) {
        if fact.sql.is_some() {
            let alias = self.of("the alias", &fact.of, Some(&fact.label), place);
            let name = mangle(&[&fact.label], None);
            self.add(NameScope::Functions("", alias.table), name.clone(), alias);
            // `f.size` would mean the column.
            self.add(NameScope::Columns(&fact.of.label), name, alias);
        }
    }

    fn of(
        &self,
        what: &'static str,
        table: &'a TableName,
        label: Option<&'a str>,
        place: &'a Place,
    ) -> NamedObject<'a> {
        let schema = table.schema.as_deref().or(self.schema);
        NamedObject { what, schema, table: Some(&table.label), label, place }
    }

    /// A constraint with an index of its name.
    fn constraint(&mut self, table: &'a str, name: String, thing: NamedObject<'a>) {
        self.add(NameScope::Constraints(table), name.clone(), thing);
        self.add(NameScope::Relations, name, thing);
    }

    fn add(&mut self, space: NameScope<'a>, name: String, thing: NamedObject<'a>) {
        let key = (thing.schema, space, name);
        let Some(first) = self.known.get(&key) else {
            self.known.insert(key, thing);
            return;
        };
        let same = (first.what, first.path()) == (thing.what, thing.path());
        if same || !self.reported.insert([first.path(), thing.path()]) {
            return;
        }
        let message = format!("{first} and {thing} would both be named `{}`", key.2);
        let mut problem = Error::new(ErrorKind::Duplicate, message).at(thing.place.clone());
        if first.place.line > 0 {
            let Place { file, line, column, .. } = first.place;
            problem = problem.note(format!("the first is at {file}:{line}:{column}"));
        }
        self.problems.push(problem.help("give one of the two another name or label"));
    }
}
