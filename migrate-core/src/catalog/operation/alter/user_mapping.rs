use std::iter::Peekable;
use std::str::Chars;

use super::alteration::Alteration;
use super::database::alter_options;
use crate::catalog::database::{USER_MAPPING, designation};
use crate::catalog::operation::transition::Transition;

impl Transition<'_> {
    /// Options are set one by one, because a mapping that is created again would lose its password.
    pub(super) fn alter_user_mapping(&self, name: &str) -> Option<Vec<Alteration>> {
        let key = (USER_MAPPING.to_owned(), name.to_owned());
        let (was, is) = (self.from.catalog().objects.get(&key)?, self.to.catalog().objects.get(&key)?);
        let named = designation(USER_MAPPING, name);
        let statement = alter_options(&named, &options(&was.create, &named), &options(&is.create, &named));
        Some(vec![Alteration::of(statement.into_iter().filter(|_| self.to.ddl.has_access()).collect())])
    }
}

/// The options in the statement that creates it, as `name=value`.
fn options(create: &[String], named: &str) -> Vec<String> {
    let text = create.first().and_then(|text| text.strip_prefix(&format!("CREATE {named} OPTIONS (")));
    let mut rest = text.unwrap_or_default().chars().peekable();
    let mut options = Vec::new();
    while rest.peek().is_some_and(|letter| *letter != ')') {
        let name = word(&mut rest);
        let value = word(&mut rest);
        options.push(format!("{name}={value}"));
    }
    options
}

/// The next name or value, and what stands between it and the one after.
fn word(rest: &mut Peekable<Chars<'_>>) -> String {
    let escapes = rest.next_if_eq(&'E').is_some();
    let mut text = String::new();
    match rest.next_if(|letter| matches!(letter, '"' | '\'')) {
        Some(mark) => {
            while let Some(letter) = rest.next() {
                if letter == mark && rest.next_if_eq(&mark).is_none() {
                    break;
                }
                if escapes && letter == '\\' {
                    rest.next();
                }
                text.push(letter);
            }
        }
        None => {
            while let Some(letter) = rest.next_if(|letter| *letter != ' ') {
                text.push(letter);
            }
        }
    }
    while rest.next_if(|letter| matches!(letter, ' ' | ',')).is_some() {}
    text
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn options_are_read_as_the_server_prints_them() {
        let create = r#"CREATE USER MAPPING FOR a SERVER s OPTIONS ("user" 'it''s, ) "x"', plain E'a\\b''c', "q""q" '')"#;
        let found = options(&[create.to_owned()], "USER MAPPING FOR a SERVER s");
        assert_eq!(found, [r#"user=it's, ) "x""#, r"plain=a\b'c", r#"q"q="#]);
        assert!(
            options(&["CREATE USER MAPPING FOR a SERVER s".to_owned()], "USER MAPPING FOR a SERVER s")
                .is_empty()
        );
    }
}
