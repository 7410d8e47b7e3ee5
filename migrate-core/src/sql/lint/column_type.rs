use squawk_lexer::TokenKind;

use super::object_name::ObjectName;
use crate::lex::{Token, fold, tokens};

/// A type as a patch writes it, by the name that the server knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlType {
    name: String,
    /// The numbers in brackets behind the type: a length, or a precision and a scale.
    arguments: Vec<u32>,
    array: bool,
    /// As it is written.
    pub(super) written: String,
}

/// Types by the names that SQL has for them besides.
const NAMES: [(&str, &str); 22] = [
    ("bigint", "int8"),
    ("bit varying", "varbit"),
    ("boolean", "bool"),
    ("char", "bpchar"),
    ("char varying", "varchar"),
    ("character", "bpchar"),
    ("character varying", "varchar"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("double precision", "float8"),
    ("float", "float8"),
    ("int", "int4"),
    ("integer", "int4"),
    ("nchar varying", "varchar"),
    ("national character varying", "varchar"),
    ("real", "float4"),
    ("smallint", "int2"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
    ("nchar", "bpchar"),
];

impl SqlType {
    pub(super) fn parse(written: &str) -> SqlType {
        let (mut words, mut arguments, mut depth) = (Vec::new(), Vec::new(), 0);
        let mut array = false;
        for token in tokens(written).filter(|token| !token.is_trivia()) {
            match token.kind {
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth -= 1,
                TokenKind::OpenBracket => array = true,
                _ if token.is("array") => array = true,
                TokenKind::Literal { .. } if depth > 0 => arguments.extend(token.text.parse::<u32>()),
                TokenKind::Ident | TokenKind::QuotedIdent { .. } | TokenKind::Dot => words.push(word(&token)),
                _ => {}
            }
        }
        let name = words.join(" ").replace(" . ", ".");
        let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
        let known = NAMES.iter().find(|(sql, _)| *sql == name).map_or(name, |(_, known)| known);
        if ["bpchar", "bit"].contains(&known) && arguments.is_empty() {
            arguments.push(1);
        }
        SqlType { name: known.to_owned(), arguments, array, written: written.to_owned() }
    }

    /// The name of a type that is not the server's own, or may be none.
    pub(super) fn named(&self) -> Option<ObjectName> {
        ObjectName::written(&self.name)
    }

    /// Takes another name of it.
    pub(super) fn rename(&mut self, name: &ObjectName) {
        self.name = name.folded();
    }

    /// Whether values of an older type are stored in the form of this type, so that none is rewritten.
    pub(super) fn stores_alike(&self, old: &SqlType) -> bool {
        if self.array || old.array {
            return self.array == old.array && self.name == old.name && self.arguments == old.arguments;
        }
        match (old.name.as_str(), self.name.as_str()) {
            ("varchar", "text") | ("cidr", "inet") => true,
            ("text", "varchar") => self.arguments.is_empty(),
            (one, other) if one != other => false,
            ("varchar" | "varbit" | "timestamp" | "timestamptz" | "time" | "timetz", _) => self.holds(old),
            ("numeric", _) => self.is_wider(old),
            _ => self.arguments == old.arguments,
        }
    }

    fn holds(&self, old: &SqlType) -> bool {
        match (old.arguments.first(), self.arguments.first()) {
            (_, None) => true,
            (Some(old), Some(new)) => new >= old,
            (None, Some(_)) => false,
        }
    }

    fn is_wider(&self, old: &SqlType) -> bool {
        let scale = |arguments: &[u32]| arguments.get(1).copied().unwrap_or_default();
        self.holds(old) && (self.arguments.is_empty() || scale(&self.arguments) == scale(&old.arguments))
    }
}

/// Whether a type is one of the server's own; none of these is a domain with a check.
pub(super) fn is_own(written: &str) -> bool {
    const OTHERS: [&str; 34] = [
        "bigserial",
        "bit",
        "bool",
        "bpchar",
        "bytea",
        "cidr",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "interval",
        "json",
        "jsonb",
        "macaddr",
        "money",
        "name",
        "numeric",
        "oid",
        "serial",
        "smallserial",
        "text",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "tsquery",
        "tsvector",
        "uuid",
        "varbit",
        "varchar",
        "xml",
    ];
    let kind = SqlType::parse(written);
    kind.array || OTHERS.contains(&kind.name.as_str())
}

fn word(token: &Token<'_>) -> String {
    fold(token.text)
}

#[cfg(test)]
mod tests {
    use super::SqlType;

    #[test]
    fn what_is_stored_alike_is_known() {
        let alike = |old: &str, new: &str| SqlType::parse(new).stores_alike(&SqlType::parse(old));
        for (old, new) in [
            ("varchar(20)", "text"),
            ("character varying (20)", "TEXT"),
            ("varchar(20)", "pg_catalog.varchar(30)"),
            ("varchar(20)", "varchar"),
            ("text", "character varying"),
            ("numeric(5,2)", "decimal(10, 2)"),
            ("numeric(5)", "numeric"),
            ("cidr", "inet"),
            ("timestamp(3) with time zone", "timestamptz"),
            ("timestamp(3)", "timestamp(6) without time zone"),
            ("bit varying(3)", "varbit(4)"),
            ("int", "integer"),
            ("text[]", "text []"),
        ] {
            assert!(alike(old, new), "{old} to {new}");
        }
        for (old, new) in [
            ("varchar(20)", "varchar(10)"),
            ("varchar", "varchar(10)"),
            ("text", "varchar(10)"),
            ("numeric(5,2)", "numeric(6,3)"),
            ("numeric(5,2)", "numeric(5)"),
            ("numeric", "numeric(5)"),
            ("int", "bigint"),
            ("char(3)", "text"),
            ("char", "char(2)"),
            ("timestamp", "timestamptz"),
            ("varchar(3)[]", "text[]"),
            ("text", "text[]"),
            ("inet", "cidr"),
            ("s.code", "text"),
        ] {
            assert!(!alike(old, new), "{old} to {new}");
        }
    }
}
