use std::ops::Range;

/// The passwords in the URLs of a text.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "'\"`<>|".contains(c);
    let mut ranges = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let url = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        ranges.extend(
            of_user(url).into_iter().chain(of_query(url)).map(|range| start + range.start..start + range.end),
        );
    }
    ranges
}

/// Between the first `:` and the last `@`: a password may have either in it, and `/` too, where nobody encoded it.
fn of_user(url: &str) -> Option<Range<usize>> {
    let (end, colon) = (url.rfind('@')?, url.find(':')?);
    let password = url.get(colon + 1..end)?;
    (password != "password").then_some(colon + 1..end)
}

/// To the end: an `&` may be of the password.
fn of_query(url: &str) -> Option<Range<usize>> {
    let query = url.find('?')?;
    let name = url.get(query..)?.find("password=")? + query;
    Some(name + "password=".len()..url.len())
}
