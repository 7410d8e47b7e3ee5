use migrate_core::Error;
use migrate_core::facts::{Claim, Fact};

/// A fact, and the facts that it stands in, outermost first.
#[derive(Debug, Clone)]
pub(crate) struct Walked<'a> {
    pub(crate) fact: &'a Fact,
    within: Vec<&'a Fact>,
}

/// All facts in the order in which they are deployed: a table before what it holds, an include by what it names.
pub(crate) fn walk(facts: &[Fact]) -> Vec<Walked<'_>> {
    let mut walked = Vec::new();
    descend(facts, &mut Vec::new(), &mut walked);
    walked
}

fn descend<'a>(facts: &'a [Fact], within: &mut Vec<&'a Fact>, walked: &mut Vec<Walked<'a>>) {
    for fact in facts {
        walked.push(Walked { fact, within: within.clone() });
        let inner = match &fact.claim {
            Claim::Table(table) => table.with.as_slice(),
            Claim::Include(include) => include.facts.as_deref().unwrap_or_default(),
            _ => continue,
        };
        within.push(fact);
        descend(inner, within, walked);
        within.pop();
    }
}

impl Walked<'_> {
    /// Adds to an error what was under way, from the inside out.
    pub(crate) fn explain(&self, doing: &str, error: Error) -> Error {
        let chain = [self.fact].into_iter().chain(self.within.iter().rev().copied());
        chain.fold(error, |error, fact| {
            let place = &fact.place;
            let at = match place.line {
                0 => place.file.clone(),
                line => format!("{}:{line}:{}", place.file, place.column),
            };
            error.context(format!("while {doing} the {} fact at {at}", fact.claim.kind()))
        })
    }
}
