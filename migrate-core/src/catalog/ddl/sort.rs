//! Puts objects into an order in which each comes after those that it needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::object_part::ObjectPart;

/// One step of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'n> {
    /// A placeholder, because the objects that this one needs need it too: it is completed later.
    Begin(&'n ObjectPart),
    /// The object.
    Create(&'n ObjectPart),
    /// The rest of an object that has a placeholder.
    Complete(&'n ObjectPart),
}

/// Which objects can begin as a placeholder, and for which of those that need them it is enough.
pub(super) trait Placeholders {
    /// Whether it can begin as one; the lowest number is preferred.
    fn preference(&self, part: &ObjectPart) -> Option<u8>;
    /// Whether the placeholder of the second is enough to create the first.
    fn is_enough(&self, by: &ObjectPart, of: &ObjectPart) -> bool;
}

/// Kahn's algorithm, by rank. A circle begins with a placeholder; without one, its first by rank comes first.
pub(super) fn sorted<'n, R: Ord>(
    nodes: &'n BTreeMap<ObjectPart, R>,
    needs: BTreeMap<&'n ObjectPart, BTreeSet<ObjectPart>>,
    placeholders: &impl Placeholders,
) -> Vec<Step<'n>> {
    let mut sort =
        Sort { nodes, needs, wanted: BTreeMap::new(), ready: BTreeSet::new(), begun: BTreeSet::new() };
    for (by, all) in &sort.needs {
        for of in all {
            if let Some((of, _)) = nodes.get_key_value(of) {
                sort.wanted.entry(of).or_default().insert(by);
            }
        }
    }
    let free = nodes.iter().filter(|(part, _)| sort.needs.get(part).is_none_or(BTreeSet::is_empty));
    sort.ready = free.map(|(part, rank)| (rank, part)).collect();
    let mut steps = Vec::with_capacity(nodes.len());
    while !sort.needs.is_empty() {
        let step = match sort.ready.pop_first() {
            Some((_, part)) if sort.begun.contains(part) => Step::Complete(part),
            Some((_, part)) => Step::Create(part),
            None => match sort.blocked(placeholders) {
                Some(step) => step,
                None => break,
            },
        };
        sort.take(step, placeholders);
        steps.push(step);
    }
    steps
}

struct Sort<'n, R> {
    nodes: &'n BTreeMap<ObjectPart, R>,
    /// What each object that is left still needs.
    needs: BTreeMap<&'n ObjectPart, BTreeSet<ObjectPart>>,
    wanted: BTreeMap<&'n ObjectPart, BTreeSet<&'n ObjectPart>>,
    ready: BTreeSet<(&'n R, &'n ObjectPart)>,
    begun: BTreeSet<&'n ObjectPart>,
}

impl<'n, R: Ord> Sort<'n, R> {
    /// All that is left is in a circle, or needs one that is.
    fn blocked(&self, placeholders: &impl Placeholders) -> Option<Step<'n>> {
        let circle = self.circle();
        let free = circle.iter().filter(|part| !self.begun.contains(*part));
        let preferred = free.filter_map(|part| Some((placeholders.preference(part)?, *part)));
        if let Some((_, part)) = preferred.min() {
            return Some(Step::Begin(part));
        }
        let first = circle.iter().min_by_key(|part| self.nodes.get(part)).copied()?;
        Some(if self.begun.contains(first) { Step::Complete(first) } else { Step::Create(first) })
    }

    /// Follows the needs until an object comes again.
    fn circle(&self) -> Vec<&'n ObjectPart> {
        let mut way: Vec<&'n ObjectPart> = self.needs.keys().take(1).copied().collect();
        while let Some(last) = way.last() {
            let next = self.needs.get(last).and_then(BTreeSet::first);
            let Some((next, _)) = next.and_then(|next| self.nodes.get_key_value(next)) else { break };
            if let Some(start) = way.iter().position(|part| *part == next) {
                return way.split_off(start);
            }
            way.push(next);
        }
        way
    }

    fn take(&mut self, step: Step<'n>, placeholders: &impl Placeholders) {
        let (part, whole) = match step {
            Step::Begin(part) => (part, false),
            Step::Create(part) | Step::Complete(part) => (part, true),
        };
        if whole {
            self.needs.remove(part);
        } else {
            self.begun.insert(part);
        }
        for by in self.wanted.get(part).cloned().unwrap_or_default() {
            if !whole && !placeholders.is_enough(by, part) {
                continue;
            }
            let Some(needs) = self.needs.get_mut(by) else { continue };
            if needs.remove(part)
                && needs.is_empty()
                && let Some((by, rank)) = self.nodes.get_key_value(by)
            {
                self.ready.insert((rank, by));
            }
        }
    }
}
