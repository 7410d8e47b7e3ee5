use std::borrow::Cow;

/// What a bare word of YAML means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As it was written; `.inf`, `.nan`, `0x1f` and `0o17` in PostgreSQL's form.
    Number(Cow<'a, str>),
    Text(&'a str),
}

impl Scalar<'_> {
    /// Reads a bare word by the core schema of YAML 1.2, with one exception: `1e2` is text, as in rex.deploy, so that
    /// codes such as `12e4` are not changed.
    pub(crate) fn of(word: &str) -> Scalar<'_> {
        match word {
            "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Bool(true),
            "false" | "False" | "FALSE" => Scalar::Bool(false),
            _ if is_decimal(word) => Scalar::Number(word.into()),
            _ => special(word).map_or(Scalar::Text(word), Scalar::Number),
        }
    }
}

/// `1`, `-1.50`, `.5`, `5.`, `1.5e-3`.
fn is_decimal(word: &str) -> bool {
    let number = Decimal::of(word.strip_prefix(['+', '-']).unwrap_or(word));
    let fraction = number.fraction.unwrap_or_default();
    number.exponent.is_none_or(|exponent| number.fraction.is_some() && is_exponent(exponent))
        && (is_digits(number.whole) || number.whole.is_empty() && is_digits(fraction))
        && (fraction.is_empty() || is_digits(fraction))
}

/// The parts of a number without its sign.
pub(crate) struct Decimal<'a> {
    pub(crate) whole: &'a str,
    /// The digits after the point.
    pub(crate) fraction: Option<&'a str>,
    /// The digits after the `e`, with their sign.
    pub(crate) exponent: Option<&'a str>,
}

impl Decimal<'_> {
    pub(crate) fn of(unsigned: &str) -> Decimal<'_> {
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        match mantissa.split_once('.') {
            Some((whole, fraction)) => Decimal { whole, fraction: Some(fraction), exponent },
            None => Decimal { whole: mantissa, fraction: None, exponent },
        }
    }
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn is_exponent(text: &str) -> bool {
    is_digits(text.strip_prefix(['+', '-']).unwrap_or(text))
}

fn special(word: &str) -> Option<Cow<'static, str>> {
    let radix = |digits: &str, radix| {
        let fine = digits.chars().all(|digit| digit.is_digit(radix));
        u128::from_str_radix(digits, radix).ok().filter(|_| fine).map(|number| number.to_string().into())
    };
    match word {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some("Infinity".into()),
        "-.inf" | "-.Inf" | "-.INF" => Some("-Infinity".into()),
        ".nan" | ".NaN" | ".NAN" => Some("NaN".into()),
        _ => match (word.strip_prefix("0x"), word.strip_prefix("0o")) {
            (Some(digits), _) => radix(digits, 16),
            (_, Some(digits)) => radix(digits, 8),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_form_in_which_they_are_written() {
        for word in
            ["0", "-1", "+1", "007", "1.10", ".5", "5.", "1.5e3", "-1.5E-03", "12345678901234567890.5"]
        {
            assert_eq!(Scalar::of(word), Scalar::Number(word.into()), "{word}");
        }
        assert_eq!(Scalar::of("0x1f"), Scalar::Number("31".into()));
        assert_eq!(Scalar::of("-.inf"), Scalar::Number("-Infinity".into()));
    }

    #[test]
    fn other_words_are_text() {
        for word in [
            "yes",
            "no",
            "on",
            "off",
            "1e2",
            "12e4",
            "1_000",
            "2020-01-01",
            "1:30",
            ".",
            "-",
            "e1",
            "0x",
            "0o8",
            "inf",
            "1.2.3",
        ] {
            assert_eq!(Scalar::of(word), Scalar::Text(word), "{word}");
        }
    }
}
