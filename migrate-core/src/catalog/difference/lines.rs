/// How many lines are shown.
const SHOWN: usize = 20;
const MOST: usize = 1_000;

/// The lines in which two texts differ, with `-` if only the first has the line, otherwise `+`; only the first lines of
/// many.
pub(super) fn lines(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let alike = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let rest = (before.get(alike..).unwrap_or_default(), after.get(alike..).unwrap_or_default());
    let ends = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(one, other)| one == other).count();
    let gone = rest.0.get(..rest.0.len() - ends).unwrap_or_default();
    let come = rest.1.get(..rest.1.len() - ends).unwrap_or_default();
    let differing = match gone.len() <= MOST && come.len() <= MOST {
        true => between(gone, come),
        false => gone.iter().map(|line| ('-', *line)).chain(come.iter().map(|line| ('+', *line))).collect(),
    };
    let shown = differing.iter().take(SHOWN).map(|(sign, line)| format!("{sign} {line}"));
    let more = differing.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("… and {more} more lines"));
    shown.chain(more).collect::<Vec<_>>().join("\n")
}

/// The lines that are in only one text, by a longest common subsequence.
fn between<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<(char, &'t str)> {
    let width = after.len() + 1;
    // The length of the longest common subsequence, from each pair of lines on.
    let mut common = vec![0_u32; (before.len() + 1) * width];
    let at = |common: &[u32], one: usize, other: usize| common.get(one * width + other).copied().unwrap_or(0);
    for one in (0..before.len()).rev() {
        for other in (0..after.len()).rev() {
            let both = match before.get(one) == after.get(other) {
                true => at(&common, one + 1, other + 1) + 1,
                false => at(&common, one + 1, other).max(at(&common, one, other + 1)),
            };
            if let Some(cell) = common.get_mut(one * width + other) {
                *cell = both;
            }
        }
    }
    let (mut one, mut other, mut found) = (0, 0, Vec::new());
    loop {
        match (before.get(one), after.get(other)) {
            (Some(gone), Some(come)) if gone == come => (one, other) = (one + 1, other + 1),
            (Some(gone), come)
                if come.is_none() || at(&common, one + 1, other) >= at(&common, one, other + 1) =>
            {
                found.push(('-', *gone));
                one += 1;
            }
            (_, Some(come)) => {
                found.push(('+', *come));
                other += 1;
            }
            (_, None) => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_differ_are_shown() {
        let before = "SELECT a,\n  b,\n  c\nFROM t\nWHERE true";
        assert_eq!(lines(before, "SELECT a,\n  c\nFROM t\n  JOIN u\nWHERE true"), "-   b,\n+   JOIN u");
        assert_eq!(lines("a", "b"), "- a\n+ b");
        assert_eq!(lines("a", ""), "- a");
        assert_eq!(lines("", "a"), "+ a");
        assert_eq!(lines(before, before), "");
        let many: String = (0..50).map(|n| format!("{n}\n")).collect();
        assert!(lines("", &many).ends_with("+ 19\n… and 30 more lines"));
        let long = |sign: &str| (0..5_000).map(|n| format!("{sign}{n}\n")).collect::<String>();
        assert!(lines(&long("a"), &long("b")).ends_with("… and 9980 more lines"));
    }
}
