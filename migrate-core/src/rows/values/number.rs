use std::borrow::Cow;

/// A number without blanks around it and without `_` between digits.
pub(crate) fn plain(text: &str) -> Option<Cow<'_, str>> {
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.bytes().all(|byte| byte.is_ascii_digit()) && !trimmed.is_empty() {
        return Some(Cow::Borrowed(trimmed));
    }
    if !trimmed.contains('_') {
        return Some(Cow::Borrowed(trimmed));
    }
    let between = trimmed.split('_').all(|part| !part.is_empty());
    let digits = trimmed.split('_').skip(1).all(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        && trimmed.split('_').all(|part| part.ends_with(|c: char| c.is_ascii_digit()));
    (between && digits).then(|| Cow::Owned(trimmed.replace('_', "")))
}

/// A decimal number's parts: `-12.50e3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DecimalParts<'a> {
    pub(crate) negative: bool,
    pub(crate) whole: &'a str,
    pub(crate) fraction: &'a str,
    pub(crate) exponent: i32,
}

impl<'a> DecimalParts<'a> {
    /// Splits a number into its parts; `None` if it is not a number, such as `nan` or `inf`.
    pub(crate) fn of(text: &'a str) -> Option<DecimalParts<'a>> {
        let negative = text.starts_with('-');
        let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let some = !whole.is_empty() || !fraction.is_empty();
        (some && digits(whole) && digits(fraction)).then_some(DecimalParts {
            negative,
            whole,
            fraction,
            exponent,
        })
    }

    /// The significant digits, without zeros on either side, and the power of ten to multiply them by.
    fn significant(&self) -> (String, i64) {
        let digits: String = [self.whole, self.fraction].concat();
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
        let kept = digits.trim_end_matches('0');
        let exponent = i64::from(self.exponent) - length(self.fraction) + length(&digits) - length(kept);
        (kept.trim_start_matches('0').to_owned(), exponent)
    }

    /// How many digits are before and after the point; negative if zeros follow or precede them.
    pub(crate) fn digits(&self) -> (i64, i64) {
        match self.significant() {
            (kept, _) if kept.is_empty() => (0, 0),
            (kept, exponent) => (i64::try_from(kept.len()).unwrap_or(i64::MAX / 4) + exponent, -exponent),
        }
    }

    /// One spelling for equal numbers: `1.5e1`, `15.0` and `+15` are `15e0`.
    pub(crate) fn canonical(&self) -> String {
        match self.significant() {
            (kept, _) if kept.is_empty() => "0".to_owned(),
            (kept, exponent) => format!("{}{kept}e{exponent}", if self.negative { "-" } else { "" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_made_plain() {
        let plain = |text| plain(text).map(Cow::into_owned);
        assert_eq!(plain(" 5 ").as_deref(), Some("5"));
        assert_eq!(plain("1_000").as_deref(), Some("1000"));
        assert_eq!(plain("1__0"), None);
        assert_eq!(plain("_1"), None);
        assert_eq!(plain("1_.5"), None);
    }

    #[test]
    fn digits_that_count_are_counted() {
        let digits = |text| DecimalParts::of(text).unwrap().digits();
        assert_eq!(digits("12.50"), (2, 1));
        assert_eq!(digits("0012.00"), (2, 0));
        assert_eq!(digits("1200"), (4, -2));
        assert_eq!(digits("0.005"), (-2, 3));
        assert_eq!(digits("1.5e3"), (4, -2));
        assert_eq!(digits("15e-3"), (-1, 3));
        assert_eq!(digits("0.000"), (0, 0));
    }

    #[test]
    fn spellings_of_one_number_are_one() {
        let canonical = |text| DecimalParts::of(text).unwrap().canonical();
        for text in ["15", "+15.0", "1.5e1", "0015", "150e-1"] {
            assert_eq!(canonical(text), "15e0", "{text}");
        }
        assert_eq!(canonical("-0.0"), "0");
        assert_ne!(canonical("150"), canonical("15"));
        assert_eq!(canonical("150"), canonical("1.5e2"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "nan", "inf", "Infinity", "1e", "1,5", "1.2.3", "--1", "1e5000000000"] {
            assert_eq!(DecimalParts::of(text), None, "{text}");
        }
    }
}
