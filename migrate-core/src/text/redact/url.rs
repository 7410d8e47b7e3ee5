use std::ops::Range;

/// The passwords in the URLs of a text.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        // A quote may belong to the password, because people do not encode it. So the URL continues to a blank.
        let url = rest.get(..rest.find(char::is_whitespace).unwrap_or(rest.len())).unwrap_or_default();
        let ours =
            |before: &str| ["postgres", "postgresql", "pgsql"].iter().any(|name| before.ends_with(name));
        let ours = text.get(..at).is_some_and(ours);
        let found = of_user(url, ours).into_iter().chain(of_query(url));
        ranges.extend(found.map(|range| start + range.start..start + range.end));
    }
    ranges
}

/// Between the first `:` and the last `@`: a password may have either in it, and `/` too, if nobody encoded it. If the
/// `@` is missing from one of PostgreSQL's, the URL was cut, unless a port is what follows.
fn of_user(url: &str, ours: bool) -> Option<Range<usize>> {
    let colon = url.find(':').filter(|_| !url.starts_with('['))?;
    let is_port = url.get(colon + 1..)?.starts_with(|c: char| c.is_ascii_digit());
    let end = match url.rfind('@').filter(|end| *end > colon) {
        Some(end) => end,
        None if ours && !is_port && !url.get(..colon)?.contains('/') => url.len(),
        None => return None,
    };
    let password = url.get(colon + 1..end)?;
    (password != "password").then_some(colon + 1..end)
}

/// To the end, or to the quote around the URL: an `&` may be of the password.
fn of_query(url: &str) -> Option<Range<usize>> {
    let query = url.find('?')?;
    let start = url.get(query..)?.find("password=")? + query + "password=".len();
    let length = url.get(start..)?.find(['\'', '"', '`']).unwrap_or(url.len() - start);
    Some(start..start + length)
}
