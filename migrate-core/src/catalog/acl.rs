use crate::text::quote;

/// Privileges and their letters in an `aclitem` (PostgreSQL manual, table 5.1).
pub(crate) const PRIVILEGES: [(char, &str); 13] = [
    ('r', "SELECT"),
    ('a', "INSERT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('m', "MAINTAIN"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('c', "CONNECT"),
    ('T', "TEMPORARY"),
    ('X', "EXECUTE"),
];

pub(crate) fn privilege(letter: char) -> Option<&'static str> {
    PRIVILEGES.iter().find(|(known, _)| *known == letter).map(|(_, name)| *name)
}

/// What ends a name in an `aclitem`.
const ENDS: [char; 2] = ['=', '/'];

/// An `aclitem`: the grantee, the privileges, each with or without grant option, and the grantor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AclItem {
    pub(crate) to: String,
    pub(crate) letters: Vec<(char, bool)>,
    pub(crate) by: String,
}

impl AclItem {
    pub(crate) fn of(to: &str, letters: &str, by: &str) -> AclItem {
        let letters = letters.chars().map(|letter| (letter, false)).collect();
        AclItem { to: to.to_owned(), letters, by: by.to_owned() }
    }

    pub(crate) fn parse(text: &str) -> Option<AclItem> {
        let (to, rest) = leading_name(text, &ENDS)?;
        let (letters, by) = rest.strip_prefix('=')?.split_once('/')?;
        let mut item = AclItem::of(&to, "", &leading_name(by, &ENDS)?.0);
        for letter in letters.chars() {
            match (letter, item.letters.last_mut()) {
                ('*', Some((_, passed_on))) => *passed_on = true,
                _ => item.letters.push((letter, false)),
            }
        }
        Some(item)
    }

    /// Whether it holds a privilege.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.letters.iter().any(|(held, _)| *held == letter)
    }
}

/// The name at the beginning of a text, and the rest. The name is quoted if it has other characters than letters, digits
/// and underscores; a quote in it is doubled. One without quotes ends before one of these characters.
pub(super) fn leading_name<'t>(text: &'t str, ends: &[char]) -> Option<(String, &'t str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(ends).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return Some((name.to_owned(), rest));
    };
    let (mut name, mut rest) = (String::new(), quoted);
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

/// A role as GRANT names it; an empty name means everybody.
pub(crate) fn role(name: &str) -> String {
    if name.is_empty() { "PUBLIC".to_owned() } else { quote::identifier(name) }
}

/// The grantee of an item, as SQL.
pub(crate) fn parse_role(item: &str) -> Option<String> {
    AclItem::parse(item).map(|item| role(&item.to))
}

#[cfg(test)]
mod tests {
    use super::AclItem;

    #[test]
    fn quoted_roles_and_grant_options_are_read() {
        let item = |to: &str, letters: &[(char, bool)], by: &str| AclItem {
            to: to.to_owned(),
            letters: letters.to_vec(),
            by: by.to_owned(),
        };
        assert_eq!(AclItem::parse("=r/postgres"), Some(item("", &[('r', false)], "postgres")));
        let odd = r#""a=""b/c"=r*w/"d e""#;
        assert_eq!(AclItem::parse(odd), Some(item("a=\"b/c", &[('r', true), ('w', false)], "d e")));
    }
}
