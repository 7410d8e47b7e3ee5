use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::imports::Imports;

/// The groups of files that import each other, each group sorted.
#[must_use]
pub fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let edges = imports
        .edges
        .iter()
        .flat_map(|(from, targets)| targets.keys().map(move |to| (from.as_str(), to.as_str())));
    components(edges)
}

/// The groups of folders, or of files and folders beside each other, that import each other.
///
/// Two files represent the folders at which their paths differ: `boot/run.rs` and `session/lock.rs` for `boot` and `session`. A
/// file beside a folder is no folder, so that the two do not count.
#[must_use]
pub fn folder_circles(imports: &Imports) -> BTreeMap<String, Vec<String>> {
    let mut ties: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (from, targets) in &imports.edges {
        for to in targets.keys() {
            if let Some(pair) = parting(from, to) {
                ties.entry(pair).or_default().push(format!("{from} -> {to}"));
            }
        }
    }
    let circles = components(ties.keys().map(|(from, to)| (from.as_str(), to.as_str())));
    let is_tie =
        |circle: &[String], (from, to): &(String, String)| circle.contains(from) && circle.contains(to);
    circles
        .into_iter()
        .map(|circle| {
            let tied =
                ties.iter().filter(|(pair, _)| is_tie(&circle, pair)).flat_map(|(_, files)| files.clone());
            (circle.join(", "), tied.collect())
        })
        .collect()
}

fn parting(from: &str, to: &str) -> Option<(String, String)> {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let folder = |path: &[&str]| {
        (path.len() > common + 1).then(|| path.get(..=common).map(|part| part.join("/"))).flatten()
    };
    Some((folder(&from)?, folder(&to)?))
}

fn components<'a>(edges: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Vec<String>> {
    let graph: DiGraphMap<&str, ()> = edges.collect();
    let mut circles: Vec<Vec<String>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| {
            let mut group: Vec<String> = group.into_iter().map(str::to_owned).collect();
            group.sort();
            group
        })
        .collect();
    circles.sort();
    circles
}
