use std::fmt::Write as _;

use md5::{Digest, Md5};

use crate::text::quote::LONGEST;

/// How many bytes of a stem that must be cut stand in front of the cut.
const HEAD: usize = 15;

/// What a bare name may neither be nor end with, after a `_`: it would read like a name made with a suffix.
const SUFFIXES: [&str; 7] = ["id", "pk", "uk", "fk", "chk", "seq", "enum"];

/// The name of a database object, made of labels and a suffix: at most 63 bytes, the same on every run, and
/// the one that rex.deploy gives.
///
/// What joins labels is longer than any run of `_` in them. A name that is cut, or that PostgreSQL or a suffix lays claim
/// to, is marked: it ends with six digits of its stem's MD5.
///
/// Two names differ where their labels do, or their suffixes, as long as
/// - no label begins or ends with `_`: then the longest runs of `_` in a name are those that join, and it can be taken
///   apart again, since a mark is no suffix;
/// - both have a suffix, or both are of one label without. Then the name is the label, and the label must not be one that
///   looks marked (`patient_id__9f065c`);
/// - neither is cut: of those, 24 bits of MD5 are all that tells apart what is left out.
///
/// rex.deploy names so where that isn't given too: [`clashes`](super::clashes) finds facts whose names meet.
///
/// ```
/// use migrate_core::facts::mangle;
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
