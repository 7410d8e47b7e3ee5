//! A key of an index: a column or an expression, with a collation, an operator class and an order.

/// An expression, as CREATE INDEX takes it, with what follows it.
///
/// `lower(n) DESC` stays, `a || b DESC NULLS LAST` becomes `(a || b) DESC NULLS LAST`.
pub(crate) fn expression(key: &str) -> String {
    let (body, order) = without_order(key.trim());
    let order = if order.is_empty() { String::new() } else { format!(" {order}") };
    match call_end(body) {
        Some(end) if is_class(body.get(end..).unwrap_or_default()) => format!("{body}{order}"),
        _ => format!("({body}){order}"),
    }
}

/// Whether what follows a column is a collation, an operator class or an order.
pub(crate) fn is_of_column(rest: &str) -> bool {
    let rest = format!(" {rest}");
    is_class(without_order(&rest).0)
}

/// Splits the order from a key: `ASC` or `DESC`, `NULLS FIRST` or `NULLS LAST`.
fn without_order(key: &str) -> (&str, &str) {
    let mut body = key;
    for words in [&["nulls first", "nulls last"], &["asc", "desc"]] {
        let lower = body.to_ascii_lowercase();
        let found = words.iter().find(|word| {
            let before = lower.strip_suffix(**word);
            before.is_some_and(|before| before.ends_with(|c: char| c.is_whitespace() || c == ')'))
        });
        if let Some(word) = found {
            body = body.get(..body.len() - word.len()).unwrap_or_default().trim_end();
        }
    }
    (body, key.get(body.len()..).unwrap_or_default().trim_start())
}

/// Where a call or a first expression in parentheses ends.
fn call_end(key: &str) -> Option<usize> {
    let open = key.find('(')?;
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '$');
    if !key.get(..open)?.chars().all(name) {
        return None;
    }
    let (mut depth, mut quote) = (0_u32, None);
    for (at, c) in key.char_indices() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth == 1 => return Some(at + 1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    None
}

/// Whether it is nothing, or a collation and an operator class, perhaps with parameters.
fn is_class(text: &str) -> bool {
    let name = |word: &str| {
        let first = word.chars().next();
        first.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '"'))
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '-' | '$'))
    };
    let words = text.split('(').next().unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.as_slice() {
        [] => text.trim().is_empty(),
        [word, of, rest @ ..] if word.eq_ignore_ascii_case("collate") => {
            name(of) && rest.len() < 2 && rest.iter().all(|word| name(word))
        }
        [class] => name(class) && !OPERATORS.iter().any(|word| class.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

/// Operators that look like names.
const OPERATORS: [&str; 4] = ["isnull", "notnull", "is", "not"];

#[cfg(test)]
mod tests {
    use super::{expression, is_of_column};

    #[test]
    fn an_expression_may_begin_with_a_column() {
        for rest in ["", "DESC", "COLLATE \"C\" DESC NULLS LAST", "text_pattern_ops", "nulls first"] {
            assert!(is_of_column(rest), "{rest}");
        }
        for rest in ["|| 'x'", "|| 'x' ASC", "+ 1", "-> 'desc'", "IS NULL", "notnull"] {
            assert!(!is_of_column(rest), "{rest}");
        }
    }

    #[test]
    fn an_expression_keeps_its_order_class_and_collation() {
        for (key, sql) in [
            ("lower(n)", "lower(n)"),
            ("lower(n) DESC", "lower(n) DESC"),
            ("lower(n) text_pattern_ops DESC NULLS LAST", "lower(n) text_pattern_ops DESC NULLS LAST"),
            ("lower(n) COLLATE \"C\" text_pattern_ops", "lower(n) COLLATE \"C\" text_pattern_ops"),
            ("(a + b) desc", "(a + b) desc"),
            ("a || b DESC NULLS FIRST", "(a || b) DESC NULLS FIRST"),
            ("lower(n) || 'x)'", "(lower(n) || 'x)')"),
            ("lower(n) || upper(m)", "(lower(n) || upper(m))"),
            ("f(')(') gin_trgm_ops", "f(')(') gin_trgm_ops"),
            ("data -> 'desc'", "(data -> 'desc')"),
            ("body gist_trgm_ops(siglen=32)", "(body gist_trgm_ops(siglen=32))"),
            ("lower(n) gist_trgm_ops(siglen=32)", "lower(n) gist_trgm_ops(siglen=32)"),
            ("(n) IS NULL", "((n) IS NULL)"),
        ] {
            assert_eq!(expression(key), sql);
        }
    }
}
