use std::fmt::Write as _;

use md5::{Digest, Md5};

use crate::text::quote::LONGEST;

/// How many bytes of a stem are kept before the cut, if it must be cut.
const HEAD: usize = 15;

/// A bare name may not be one of these, nor end with `_` and one of these: it would look like a name with a suffix.
const SUFFIXES: [&str; 7] = ["id", "pk", "uk", "fk", "chk", "seq", "enum"];

/// The name of a database object, made of labels and a suffix: at most 63 bytes, the same on every run, and the same as
/// in rex.deploy.
///
/// Labels are joined by more `_` than any of them contains in a row. A name that is cut, or that is reserved by
/// PostgreSQL or looks like a name with a suffix, gets a position: six digits of its stem's MD5 at its end.
///
/// Two names differ if their labels or suffixes do, provided that
/// - no label begins or ends with `_`: then the longest runs of `_` in a name are the joints, and the labels can be
///   recovered, because a position is not a suffix;
/// - both have a suffix, or both are one label without a suffix. In the latter case the name is the label, and the
///   label must not look like a marked name (`patient_id__9f065c`);
/// - neither is cut: for cut names, only 24 bits of MD5 distinguish the parts that were cut out.
///
/// rex.deploy has the same limits: [`clashes`](crate::facts::clashes) finds facts whose names clash.
///
/// ```
/// use embed_migrate_core::facts::mangle;
///
/// assert_eq!(mangle(&["individual", "email"], Some("uk")), "individual_email_uk");
/// assert_eq!(mangle(&["case_type"], Some("id")), "case_type__id");
/// assert_eq!(mangle(&["patient_id"], None), "patient_id__9f065c");
/// ```
pub fn mangle(fragments: &[&str], suffix: Option<&str>) -> String {
    let mut separator = "_".to_owned();
    while fragments.iter().any(|fragment| fragment.contains(&separator)) {
        separator.push('_');
    }
    let stem = fragments.join(&separator);
    let suffix_part = suffix.map(|suffix| format!("{separator}{suffix}")).unwrap_or_default();
    if !is_reserved(&stem, suffix) && stem.len() + suffix_part.len() <= LONGEST {
        return stem + &suffix_part;
    }
    let tail = format!("{suffix_part}{separator}{}", digits(&stem));
    if stem.len() + tail.len() <= LONGEST {
        return stem + &tail;
    }
    let room = LONGEST.saturating_sub(HEAD + separator.len() + tail.len());
    let head = stem.get(..stem.floor_char_boundary(HEAD)).unwrap_or_default();
    let rest = stem.get(stem.ceil_char_boundary(stem.len() - room)..).unwrap_or_default();
    format!("{head}{separator}{rest}{tail}")
}

fn is_reserved(stem: &str, suffix: Option<&str>) -> bool {
    let ends =
        |word: &&str| stem.strip_suffix(*word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    stem == "pg" || stem.starts_with("pg_") || suffix.is_none() && SUFFIXES.iter().any(ends)
}

fn digits(stem: &str) -> String {
    let sum = Md5::digest(stem);
    sum.iter().take(3).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
