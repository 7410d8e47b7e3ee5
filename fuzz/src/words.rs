use proptest::prelude::*;

/// Choices from a list of words and from a list of separators.
pub type Words = Vec<(u8, u8)>;

/// Up to so many choices.
pub fn words(most: usize) -> impl Strategy<Value = Words> {
    prop::collection::vec(any::<(u8, u8)>(), 0..=most)
}

/// A text of words, each with a separator behind it: what choices make of two lists.
pub fn joined(choices: &[(u8, u8)], words: &[&str], separators: &[&str]) -> String {
    choices.iter().flat_map(|(word, separator)| [pick(words, *word), pick(separators, *separator)]).collect()
}

fn pick<'a>(list: &[&'a str], number: u8) -> &'a str {
    list.get(usize::from(number) % list.len().max(1)).copied().unwrap_or_default()
}
