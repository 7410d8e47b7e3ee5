//! Expressions as the server prints them once they were dumped and restored.
//!
//! It stores `a IN ('x')` of a varchar as a cast of a whole array, `(ARRAY['x'::varchar])::text[]`. When it parses that
//! again, it casts each element instead. No other cast moves.

const ARRAY: &str = "ARRAY[";

/// Whether two texts are the same expression.
pub(in crate::catalog) fn is_same(before: &str, after: &str) -> bool {
    before == after
        || before.contains(ARRAY) && after.contains(ARRAY) && canonical(before) == canonical(after)
}

/// The text with casts of arrays moved to their elements.
fn canonical(text: &str) -> String {
    let (mut canonical, mut rest) = (String::with_capacity(text.len()), text);
    while !rest.is_empty() {
        if let Some((array, after)) = cast(rest) {
            canonical.push_str(&array);
            rest = after;
            continue;
        }
        let (one, after) = rest.split_at_checked(token(rest)).unwrap_or((rest, ""));
        canonical.push_str(one);
        rest = after;
    }
    canonical
}

/// `(ARRAY[…])::type[]` at the start of a text, and the rest.
fn cast(text: &str) -> Option<(String, &str)> {
    let (elements, after) = elements(text.strip_prefix('(')?)?;
    let after = after.strip_prefix(")::")?;
    let (kind, after) = after.split_at_checked(after.find("[]")?)?;
    let is_name = |c: char| c.is_alphanumeric() || " _.\"(),".contains(c);
    kind.chars().all(is_name).then(|| (pushed(&elements, kind), after.get(2..).unwrap_or_default()))
}

fn pushed(elements: &[&str], kind: &str) -> String {
    let each = elements.iter().map(|element| {
        let element = canonical(element.trim());
        match self::elements(&element) {
            Some((inner, "")) => pushed(&inner, kind),
            _ => format!("({element})::{kind}"),
        }
    });
    format!("{ARRAY}{}]", each.collect::<Vec<_>>().join(", "))
}

/// The elements of the array at the start of a text, and what comes after the array.
fn elements(text: &str) -> Option<(Vec<&str>, &str)> {
    let inside = text.strip_prefix(ARRAY)?;
    let (mut elements, mut depth, mut start, mut at) = (Vec::new(), 0_usize, 0, 0);
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        match rest.as_bytes().first()? {
            b'(' | b'[' => depth += 1,
            b']' if depth == 0 => {
                elements.push(inside.get(start..at)?);
                return Some((elements, inside.get(at + 1..)?));
            }
            b')' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                elements.push(inside.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
        at += token(rest);
    }
    None
}

/// The length of what comes first: a character, or a text in quotes.
fn token(text: &str) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let quoted = |quote: char, from: usize, escapes: bool| -> usize {
        let mut escaped = false;
        for (at, c) in text.char_indices().skip_while(|(at, _)| *at < from) {
            match c {
                _ if escaped => escaped = false,
                '\\' if escapes => escaped = true,
                // A doubled quote ends one text and begins another.
                c if c == quote => return at + 1,
                _ => {}
            }
        }
        text.len()
    };
    match text.as_bytes() {
        [b'E', b'\'', ..] => quoted('\'', 2, true),
        [b'\'', ..] => quoted('\'', 1, false),
        [b'"', ..] => quoted('"', 1, false),
        [b'$', ..] => dollar(text).unwrap_or(first),
        _ => first,
    }
}

/// The length of a text in dollar quotes.
fn dollar(text: &str) -> Option<usize> {
    let end = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..end)?;
    let inner = tag.trim_matches('$');
    let is_tag = inner.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_tag = is_tag && !inner.starts_with(|c: char| c.is_ascii_digit());
    Some(text.get(end..)?.find(tag).filter(|_| is_tag)? + 2 * end)
}

#[cfg(test)]
mod tests {
    use super::{canonical, is_same};

    #[test]
    fn casts_of_arrays_move_to_their_elements() {
        let stored =
            "((a)::text = ANY ((ARRAY['x'::character varying, 'it''s, ]'::character varying])::text[]))";
        let again = "((a)::text = ANY (ARRAY[('x'::character varying)::text, ('it''s, ]'::character varying)::text]))";
        assert_eq!(canonical(stored), again);
        assert_eq!(canonical(again), again);
        assert!(is_same(stored, again));
        assert!(!is_same(stored, &again.replace("'x'", "'y'")));
        let nested = "(ARRAY[ARRAY[a, E'\\']'::text], ARRAY[(ARRAY[b])::public.\"T\"[]]])::numeric(3,1)[]";
        let pushed = "ARRAY[ARRAY[(a)::numeric(3,1), (E'\\']'::text)::numeric(3,1)], ARRAY[ARRAY[((b)::public.\"T\")::numeric(3,1)]]]";
        assert_eq!(canonical(nested), pushed);
        let texts = "AS $f$ (ARRAY[a])::text[] $f$ '(ARRAY[a])::text[]' $1";
        assert_eq!(canonical(texts), texts);
    }
}
