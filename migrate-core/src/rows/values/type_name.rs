/// The parts of a type's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeName {
    /// Its name without modifiers and brackets, in the words of `format_type`.
    pub(crate) base: String,
    /// The numbers in parentheses: `12` and `2` of `numeric(12,2)`.
    pub(crate) modifiers: Vec<i32>,
    pub(crate) array: bool,
}

/// Other spellings of types.
const SPELLINGS: [(&str, &str); 16] = [
    ("int2", "smallint"),
    ("int", "integer"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("float", "double precision"),
    ("bool", "boolean"),
    ("decimal", "numeric"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("time", "time without time zone"),
    ("timetz", "time with time zone"),
    ("varbit", "bit varying"),
];

/// Types that are SQL keywords, so that no other schema's type can be meant.
const KEYWORDS: [&str; 6] = ["boolean", "smallint", "integer", "bigint", "real", "numeric"];

impl TypeName {
    pub(crate) fn parse(printed: &str) -> TypeName {
        let mut rest = printed.trim();
        let mut array = false;
        while let Some(element) = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            (rest, array) = (element.0.trim_end(), true);
        }
        let (name, inside) = without_parentheses(rest);
        let name = name.strip_prefix("pg_catalog.").unwrap_or(&name).to_owned();
        let modifiers: Vec<i32> =
            inside.split(',').map_while(|modifier| modifier.trim().parse().ok()).collect();
        let lower = name.to_lowercase();
        let base = SPELLINGS.iter().find(|(short, _)| *short == lower).map(|(_, long)| (*long).to_owned());
        let mut base = base.unwrap_or(name);
        if base == "character" && modifiers.is_empty() && !array {
            return TypeName { base, modifiers: vec![1], array };
        }
        if base.starts_with("interval") {
            base = "interval".to_owned();
        }
        TypeName { base, modifiers, array }
    }

    /// The type for a cast: without modifiers, because a cast would cut or round values, and independent of the search
    /// path.
    pub(crate) fn cast(&self) -> String {
        let base = &self.base;
        let element = match base.as_str() {
            "character" => "pg_catalog.bpchar".to_owned(),
            "bit" => "pg_catalog.\"bit\"".to_owned(),
            keyword if keyword.contains(' ') && !keyword.contains('"') => base.clone(),
            keyword if KEYWORDS.contains(&keyword) => base.clone(),
            _ if self.schema().is_some() => base.clone(),
            _ => format!("pg_catalog.{base}"),
        };
        if self.array { element + "[]" } else { element }
    }

    /// The schema and name, if it names a schema.
    pub(crate) fn schema(&self) -> Option<(String, String)> {
        let (schema, name) = match self.base.strip_prefix('"') {
            Some(quoted) => {
                let end = closing(quoted)?;
                (unquoted(quoted.get(..end)?), quoted.get(end + 1..)?.strip_prefix('.')?)
            }
            None => self.base.split_once('.').map(|(schema, name)| (schema.to_owned(), name))?,
        };
        let name =
            name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map_or(name.to_owned(), unquoted);
        Some((schema, name))
    }
}

/// The text without its parentheses outside quotes, and the text inside them.
fn without_parentheses(text: &str) -> (String, String) {
    let (mut name, mut inside, mut quoted, mut depth) = (String::new(), String::new(), false, 0);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => {
                depth += 1;
                continue;
            }
            ')' if !quoted => {
                depth -= 1;
                continue;
            }
            _ => {}
        }
        if depth > 0 { inside.push(c) } else { name.push(c) }
    }
    (name.trim().to_owned(), inside)
}

/// The end of a quoted name: the first quote that is not doubled.
fn closing(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'"' && bytes.next_if(|(_, next)| *next == b'"').is_none() {
            return Some(at);
        }
    }
    None
}

fn unquoted(name: &str) -> String {
    name.replace("\"\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_has_no_modifiers_and_names_its_schema() {
        let casts = [
            ("numeric(12,2)", "numeric"),
            ("decimal(12, 2)", "numeric"),
            ("character varying(3)", "character varying"),
            ("character(3)", "pg_catalog.bpchar"),
            ("bpchar", "pg_catalog.bpchar"),
            ("\"char\"", "pg_catalog.\"char\""),
            ("timestamp(0) without time zone", "timestamp without time zone"),
            ("timestamptz", "timestamp with time zone"),
            ("interval day to second(3)", "pg_catalog.interval"),
            ("bit(3)", "pg_catalog.\"bit\""),
            ("uuid", "pg_catalog.uuid"),
            ("int8", "bigint"),
            ("numeric(5,1)[]", "numeric[]"),
            ("public.citext", "public.citext"),
            ("\"my \"\"(own)\"\" schema\".\"a.b\"", "\"my \"\"(own)\"\" schema\".\"a.b\""),
        ];
        for (printed, cast) in casts {
            assert_eq!(TypeName::parse(printed).cast(), cast, "{printed}");
        }
    }

    #[test]
    fn a_qualified_name_comes_apart() {
        let apart = |name: &str| TypeName::parse(name).schema();
        assert_eq!(apart("uuid"), None);
        assert_eq!(apart("public.citext"), Some(("public".into(), "citext".into())));
        assert_eq!(apart(r#""a "".b"."c.""d""#), Some(("a \".b".into(), "c.\"d".into())));
    }
}
