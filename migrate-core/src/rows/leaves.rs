use std::borrow::Cow;

use super::given::Given;

/// The plain values in an identity as a link writes it: `family.10000`, `(family.10000).1000`, `'odd one'.1`.
///
/// Parentheses only group: what belongs to what follows from the identities of the tables.
pub(crate) fn leaves(key: &str) -> Option<Vec<Cow<'_, str>>> {
    let (mut leaves, mut rest, mut depth) = (Vec::new(), key.trim(), 0usize);
    loop {
        while let Some(inner) = rest.strip_prefix(['(', '[']) {
            (rest, depth) = (inner.trim_start(), depth + 1);
        }
        let (leaf, after) = leaf(rest)?;
        leaves.push(leaf);
        rest = after.trim_start();
        while let Some(outer) = rest.strip_prefix([')', ']']) {
            (rest, depth) = (outer.trim_start(), depth.checked_sub(1)?);
        }
        match rest.strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None => return (rest.is_empty() && depth == 0).then_some(leaves),
        }
    }
}

fn leaf(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let end = text.find(['.', '(', ')', '[', ']', '\'']).unwrap_or(text.len());
        let (leaf, rest) = text.split_at_checked(end)?;
        return (!leaf.trim().is_empty()).then_some((Cow::Borrowed(leaf.trim_end()), rest));
    };
    let mut from = 0;
    loop {
        let end = from + quoted.get(from..)?.find('\'')?;
        match quoted.get(end + 1..)? {
            doubled if doubled.starts_with('\'') => from = end + 2,
            rest => return Some((Cow::Owned(quoted.get(..end)?.replace("''", "'")), rest)),
        }
    }
}

/// The plain values in what a row gives for a link: a text as above, or a list of lists.
pub(crate) fn given_leaves<'a>(given: Given<'a>, found: &mut Vec<Cow<'a, str>>) -> Option<()> {
    match given {
        Given::Text(text) => found.extend(leaves(text)?),
        Given::Number(text) => found.push(Cow::Borrowed(text)),
        Given::List(list) => return list.iter().try_for_each(|value| member(value.into(), found)),
        _ => return None,
    }
    Some(())
}

/// Inside a list, a text is a value and not an identity.
fn member<'a>(given: Given<'a>, found: &mut Vec<Cow<'a, str>>) -> Option<()> {
    match given {
        Given::Text(text) => found.push(Cow::Borrowed(text)),
        Given::Bool(bool) => found.push(Cow::Owned(bool.to_string())),
        given => return given_leaves(given, found),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_apart() {
        let apart = |key| leaves(key).map(|leaves| leaves.join("|"));
        assert_eq!(apart("family.10000").as_deref(), Some("family|10000"));
        assert_eq!(apart("(family.10000).1000").as_deref(), Some("family|10000|1000"));
        assert_eq!(apart(" ( a . 'b.c' ) . 'it''s' ").as_deref(), Some("a|b.c|it's"));
        assert_eq!(apart("''").as_deref(), Some(""));
        assert_eq!(apart("a b-c_d").as_deref(), Some("a b-c_d"));
        for key in ["", ".", "a.", ".a", "(a", "a)", "'a", "a'b'", "(a)b", "a..b", "()"] {
            assert_eq!(apart(key), None, "{key}");
        }
    }
}
