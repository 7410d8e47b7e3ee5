use std::collections::HashSet;

use embed_migrate_core::{Bundle, Class, Error, ErrorKind, Kind, Patch, Result, Statement, Step};

use crate::pipeline::patch_failure::place_at;

/// Refuses what can't be carried out where changes of rows are replicated: steps, and the facts of bundles which nodes lack.
///
/// # Errors
///
/// All patches that prevent it, and bundles with facts.
pub(super) fn check<'b>(lacking: impl IntoIterator<Item = &'b Bundle>, steps: &[Step<'_>]) -> Result<()> {
    let deployed = |bundle: &&Bundle| bundle.facts().is_some_and(|facts| !facts.is_only_verified());
    let mut names = HashSet::new();
    let facts =
        lacking.into_iter().filter(deployed).filter(|bundle| names.insert(bundle.name())).map(|bundle| {
            let message =
                format!("bundle `{}` has facts, and this database is replicated logically", bundle.name());
            Error::new(ErrorKind::Unsupported, message)
                .note("the changes of facts are known only after the database was inspected")
                .help("write patches, and let the facts prove them: `facts: verify` in bundle.yaml")
        });
    let own = |step: &&Step<'_>| step.bundle.name() == embed_migrate_core::HISTORY_BUNDLE;
    let patches = steps.iter().filter(|step| !own(step)).filter_map(refuse);
    Error::all(facts.chain(patches)).map_or(Ok(()), Err)
}

fn refuse(step: &Step<'_>) -> Option<Error> {
    let patch = step.patch;
    let refused = |message: &str| {
        let message = format!("patch `{}` of `{}` {message}", patch.version(), step.bundle.name());
        Error::new(ErrorKind::Unsupported, message)
    };
    if patch.is_facts() {
        let error = refused("consists of facts, and this database is replicated logically");
        return Some(error.help("write the change as SQL, whose statements are known before they run"));
    }
    let statements: Vec<_> = patch.outline().statements().collect();
    if statements.is_empty() {
        return Some(
            refused("is to be split between publisher and subscribers, and its statements are not known")
                .at(place_at(step, 0))
                .help("write `replicated: true` in bundle.yaml and build again"),
        );
    }
    let unfit = statements.iter().find_map(|statement| unfit(patch, statement).map(|why| (statement, why)));
    let (statement, (why, help)) = unfit.or_else(|| late(patch, &statements))?;
    Some(refused(why).at(place_at(step, statement.range.start)).help(help))
}

fn unfit(patch: &Patch, statement: &Statement) -> Option<(&'static str, &'static str)> {
    match (statement.class, patch.kind()) {
        (Class::Any, _) => Some((
            "has effects that its text does not show, and this database is replicated logically",
            "rows that it writes would be replicated and written by the subscriber as well: write plain statements, those that \
             change rows apart from those that change the schema",
        )),
        (Class::Schema | Class::Drop, Kind::Concurrent) => Some((
            "changes the schema node by node, and this database is replicated logically",
            "put it into a std patch: it must take effect on all nodes at the same moment",
        )),
        (class, _) if SUBSCRIPTIONS.contains(&class) => Some((
            "is about a subscription, which is one node's own, and this database is replicated logically",
            "run it by hand, on that node; the run itself adds new tables to the subscriptions",
        )),
        _ => None,
    }
}

const SUBSCRIPTIONS: [Class; 4] =
    [Class::CreateSubscription, Class::DropSubscription, Class::Subscription, Class::RefreshSubscription];

/// What changes the schema after rows were changed. A subscriber has the schema of the whole patch when its rows come, and
/// these were written under that of before.
fn late<'s>(
    patch: &Patch,
    statements: &'s [Statement],
) -> Option<(&'s Statement, (&'static str, &'static str))> {
    if patch.kind() == Kind::Concurrent {
        return None;
    }
    let rows = statements.iter().position(|statement| statement.class == Class::Rows)?;
    let late = statements.iter().skip(rows).find(|statement| is_followed(statement))?;
    let why = "changes the schema after it changed rows, and this database is replicated logically";
    let help = "put the statements that change rows last, or into an earlier patch";
    Some((late, (why, help)))
}

/// What a subscriber runs of a patch: its text with blanks for all else, so that places in it stay what they are.
pub(super) fn followed(patch: &Patch) -> String {
    let mut text = patch.text().to_string();
    let skipped = patch.outline().statements().filter(|statement| !is_followed(statement));
    for statement in skipped.collect::<Vec<_>>().into_iter().rev() {
        let piece = text.get(statement.range.clone()).unwrap_or_default();
        let blank: String = piece.chars().map(|sign| if sign == '\n' { '\n' } else { ' ' }).collect();
        text.replace_range(statement.range, &blank);
    }
    text
}

/// Whether a statement of a std or direct patch runs on subscribers too.
fn is_followed(statement: &Statement) -> bool {
    matches!(statement.class, Class::Schema | Class::Drop)
}
