use super::transition::Transition;
use crate::catalog::column::Column;
use crate::catalog::types::TypeKind;

/// Types of the server that can be cast to each other (`pg_cast`); every type can be cast to and from text.
const FAMILIES: [&[&str]; 9] = [
    &["smallint", "integer", "bigint", "numeric", "real", "double precision"],
    &["smallint", "integer", "bigint", "oid", "regclass", "regtype", "regproc", "regrole", "regnamespace"],
    &["integer", "boolean"],
    &["integer", "bigint", "numeric", "money"],
    &["integer", "bigint", "bit"],
    &["date", "timestamp without time zone", "timestamp with time zone"],
    &["time without time zone", "time with time zone", "interval"],
    &["inet", "cidr"],
    &["json", "jsonb"],
];

const TEXTS: [&str; 5] = ["text", "character varying", "character", "name", "\"char\""];

impl Transition<'_> {
    /// Whether a column's old type can be cast to the new one; otherwise its values are converted by way of text.
    pub(super) fn casts(&self, was: &Column, is: &Column) -> bool {
        let (from, to) = (base(&was.kind), base(&is.kind));
        let is_text = |kind: &str| TEXTS.contains(&kind);
        if from == to || is_text(&from) || is_text(&to) {
            return true;
        }
        if from.ends_with("[]") != to.ends_with("[]") || self.is_own(&from) || self.is_own(&to) {
            return false;
        }
        let (from, to) = (from.trim_end_matches("[]"), to.trim_end_matches("[]"));
        // What casts an extension's types have is not known; most have those that are wanted.
        let is_foreign = |kind: &str| kind.contains('.');
        is_foreign(from)
            || is_foreign(to)
            || is_text(from)
            || is_text(to)
            || FAMILIES.iter().any(|family| family.contains(&from) && family.contains(&to))
    }

    /// Whether it is an enum, a range or a composite type of the catalogs.
    fn is_own(&self, kind: &str) -> bool {
        let types = self.from.types.values().chain(self.to.types.values());
        let name = kind.trim_end_matches("[]").replace('"', "");
        let mut own = types.filter(|it| !matches!(it.kind, TypeKind::Domain { .. }));
        own.any(|it| it.name.to_string() == name)
    }
}

/// A type without its modifiers: `numeric` of `numeric(12,2)`, `timestamp with time zone` of one with a precision.
fn base(kind: &str) -> String {
    match (kind.find('('), kind.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let before = kind.get(..open).unwrap_or_default();
            let after = kind.get(close + 1..).unwrap_or_default();
            format!("{before}{after}")
        }
        _ => kind.to_owned(),
    }
}
