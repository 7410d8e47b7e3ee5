use std::borrow::Cow;

/// What a bare word of YAML means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As it was written, but `.inf`, `.nan`, `0x1f` and `0o17` in the form that PostgreSQL knows.
    Number(Cow<'a, str>),
    Text(&'a str),
}

impl Scalar<'_> {
    /// Reads a bare word by the core schema of YAML 1.2, but for one thing: `1e2` is text, as it is in
    /// rex.deploy, so that codes such as `12e4` stay what they are.
    pub(super) fn of(word: &str) -> Scalar<'_> {
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
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        fraction.is_some() && !unsigned.is_empty() && digits(unsigned)
    });
    exponent
        && digits(whole)
        && digits(fraction.unwrap_or_default())
        && !(whole.is_empty() && fraction.unwrap_or_default().is_empty())
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
