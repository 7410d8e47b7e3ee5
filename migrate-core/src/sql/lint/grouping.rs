use std::collections::BTreeMap;

use super::rule::{LintLevel, LintRule};
use crate::error::Error;

/// Each finding of a rule in a patch, up to so many; more of them are one with a count.
const EACH: usize = 3;

/// How many lines are named.
const LINES: usize = 10;

/// What a rule found in one patch: once, or as often as there are lines.
pub(crate) struct GroupedHazards {
    pub(crate) rule: LintRule,
    pub(crate) level: LintLevel,
    pub(crate) lines: Vec<u32>,
    pub(crate) problem: Error,
}

/// Joins the findings of one rule in a patch if there are many: the first one, with the number and the lines of the others.
pub(crate) fn group_hazards(hazards: Vec<(LintRule, LintLevel, Error)>) -> Vec<GroupedHazards> {
    let mut lines: BTreeMap<LintRule, Vec<u32>> = BTreeMap::new();
    for (rule, _, problem) in &hazards {
        lines.entry(*rule).or_default().push(problem.place().map_or(0, |place| place.line));
    }
    let mut gathered = Vec::new();
    for (rule, level, problem) in hazards {
        let Some(found) = lines.get(&rule) else { continue };
        if found.len() <= EACH {
            let lines = vec![problem.place().map_or(0, |place| place.line)];
            gathered.push(GroupedHazards { rule, level, lines, problem });
            continue;
        }
        let problem = problem.note(more(found.get(1..).unwrap_or_default()));
        // The others are reported with the first.
        let lines = lines.remove(&rule).unwrap_or_default();
        gathered.push(GroupedHazards { rule, level, lines, problem });
    }
    gathered
}

fn more(lines: &[u32]) -> String {
    let named: Vec<String> = lines.iter().take(LINES).map(u32::to_string).collect();
    let rest = if lines.len() > LINES { " …" } else { "" };
    format!("the same {} more times in this patch, in the lines {}{rest}", lines.len(), named.join(", "))
}
