use strsim::osa_distance;

/// The known word that was probably meant: the one that takes the fewest edits, if these are few.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // Long words are no typing errors, and the comparison takes time.
    if word.len() > 40 {
        return None;
    }
    let near = known.into_iter().map(|other| (osa_distance(&word, other), other));
    let (distance, other) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= other.len().div_ceil(3)).then_some(other)
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
