use embed_migrate_core::facts::{Claim, Fact, TableName, context, mangle};
use embed_migrate_core::{Error, ErrorKind, Place};

/// A fact, and the facts that contain it, outermost first.
#[derive(Debug, Clone)]
pub(crate) struct NestedFact<'a> {
    pub(crate) fact: &'a Fact,
    within: Vec<&'a Fact>,
}

/// All facts in the order in which they are deployed: a table before what it holds, an include by what it names.
pub(crate) fn walk(facts: &[Fact]) -> Vec<NestedFact<'_>> {
    let mut visited = Vec::new();
    descend(facts, &mut Vec::new(), &mut visited);
    visited
}

fn descend<'a>(facts: &'a [Fact], within: &mut Vec<&'a Fact>, visited: &mut Vec<NestedFact<'a>>) {
    for fact in facts {
        visited.push(NestedFact { fact, within: within.clone() });
        let inner = match &fact.claim {
            Claim::Table(table) => table.with.as_slice(),
            Claim::Include(include) => include.facts.as_deref().unwrap_or_default(),
            _ => continue,
        };
        within.push(fact);
        descend(inner, within, visited);
        within.pop();
    }
}

impl NestedFact<'_> {
    /// The place of a byte of SQL, if the SQL is a text of the fact.
    pub(crate) fn place_in(&self, sql: &str, offset: usize) -> Option<Place> {
        let text = match &self.fact.claim {
            Claim::View(view) => view.query.as_ref(),
            Claim::Function(function) => function.body.as_ref(),
            _ => None,
        }?;
        let within = offset.checked_sub(sql.find(text.text.trim())?)?;
        let blank = text.text.len() - text.text.trim_start().len();
        (within < text.text.trim().len()).then(|| text.place_at(blank + within))
    }

    /// All that it names; not the facts inside it, which are visited by themselves, nor the rows of data.
    pub(crate) fn words(&self) -> String {
        let named = |table: &TableName| {
            format!("{}.{}", table.schema.as_deref().unwrap_or_default(), mangle(&[&table.label], None))
        };
        match &self.fact.claim {
            Claim::Table(table) => {
                let was = table.was.iter().map(|was| match was.schema {
                    Some(_) => named(was),
                    None => mangle(&[&was.label], None),
                });
                was.chain([named(&table.table)]).collect::<Vec<_>>().join("\n")
            }
            Claim::Data(data) => named(&data.of),
            Claim::Include(_) => String::new(),
            claim => claim.to_string(),
        }
    }

    /// Adds to an error what was being done, from the inside out, once only; and the fact's place, unless it has a nearer one.
    pub(crate) fn explain(&self, doing: &str, error: Error) -> Error {
        let error = match error.place() {
            None if error.kind() != ErrorKind::Connect => error.at(self.fact.place.clone()),
            _ => error,
        };
        let is_own = |context: &String| context.contains(" fact") && context.starts_with("while ");
        if error.contexts().iter().any(is_own) {
            return error;
        }
        let path: Vec<&Fact> = self.within.iter().copied().chain([self.fact]).collect();
        context(doing, &path).into_iter().fold(error, Error::context)
    }
}
