/// The known word that was probably meant: the nearest one, if it is near.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // Long words are no typing errors, and the distance takes time.
    if word.len() > 40 {
        return None;
    }
    let near = known.into_iter().map(|other| (distance(&word, other), other));
    let (distance, other) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= other.len().div_ceil(3)).then_some(other)
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&row, j) + usize::from(x != *y);
            let mut least = changed.min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = j.checked_sub(1).filter(|k| last == Some(*y) && b.get(*k) == Some(&x));
            if let Some(k) = swapped {
                least = least.min(at(&before, k) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(x);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        let known = ["table", "column", "link", "identity", "required"];
        for (word, meant) in [
            ("tabel", Some("table")),
            ("Colum", Some("column")),
            ("requird", Some("required")),
            ("lnik", Some("link")),
            ("banana", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
