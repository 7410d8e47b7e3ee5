use crate::quote;

/// Whose privileges, on what: enough to write them as SQL.
pub(in crate::catalog) struct Grants<'a> {
    /// The object as GRANT names it: `TABLE "public"."study"`.
    pub(in crate::catalog) on: String,
    /// A column of it.
    pub(in crate::catalog) column: Option<&'a str>,
    pub(in crate::catalog) owner: &'a str,
    /// What the owner has by itself, and what everybody has: the letters of `aclitem`.
    pub(in crate::catalog) usual: (&'a str, &'a str),
}

impl Grants<'_> {
    /// The statements that bring something new, or of any privileges if `anew`, to these.
    pub(in crate::catalog) fn statements(&self, grants: Option<&Vec<String>>, anew: bool) -> Vec<String> {
        let (all, public) = self.usual;
        let usual = [item(self.owner, all, self.owner), item("", public, self.owner)];
        let usual: Vec<Item> =
            usual.into_iter().filter(|item| !item.letters.is_empty() && self.column.is_none()).collect();
        if grants.is_none() && !anew {
            return Vec::new();
        }
        let wanted: Vec<Item> = match grants {
            Some(grants) => grants.iter().filter_map(|grant| parse(grant)).collect(),
            None => usual.clone(),
        };
        let kept = |item: &Item| !anew && usual.contains(item);
        let mut statements: Vec<String> = usual
            .iter()
            .filter(|item| anew || !wanted.contains(item))
            .map(|item| format!("REVOKE ALL{} ON {} FROM {}", self.columns(), self.on, role(&item.to)))
            .collect();
        for item in self.in_turn(&wanted).into_iter().filter(|item| !kept(item)) {
            statements.extend(self.grant(item));
        }
        statements
    }

    /// Who passes a privilege on must have it first.
    fn in_turn<'i>(&self, items: &'i [Item]) -> Vec<&'i Item> {
        let (mut turn, mut rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.by == self.owner);
        while !rest.is_empty() {
            let (next, later): (Vec<_>, Vec<_>) =
                rest.iter().partition(|item| turn.iter().any(|before: &&Item| before.to == item.by));
            match next.is_empty() {
                // They have it from elsewhere, such as a role of theirs.
                true => {
                    turn.append(&mut rest);
                    break;
                }
                false => {
                    turn.extend(next);
                    rest = later;
                }
            }
        }
        turn
    }

    /// The statements that make these privileges of those that something has now.
    pub(in crate::catalog) fn mend(
        &self,
        grants: Option<&Vec<String>>,
        now: Option<&Vec<String>>,
    ) -> Vec<String> {
        let held = now.into_iter().flatten().filter_map(|grant| parse(grant));
        let others = held.filter(|item| item.to != self.owner && !item.to.is_empty());
        let mut statements: Vec<String> = others
            .map(|item| {
                format!("REVOKE ALL{} ON {} FROM {} CASCADE", self.columns(), self.on, role(&item.to))
            })
            .collect();
        statements.push(format!("REVOKE ALL{} ON {} FROM PUBLIC", self.columns(), self.on));
        statements.extend(self.statements(grants, true));
        statements.dedup();
        statements
    }

    fn grant(&self, item: &Item) -> Vec<String> {
        let mut statements = Vec::new();
        for (passed_on, clause) in [(false, ""), (true, " WITH GRANT OPTION")] {
            let names: Vec<String> = item
                .letters
                .iter()
                .filter(|(_, may)| *may == passed_on)
                .filter_map(|(letter, _)| privilege(*letter))
                .map(|name| format!("{name}{}", self.columns()))
                .collect();
            if !names.is_empty() {
                let names = names.join(", ");
                statements.push(format!("GRANT {names} ON {} TO {}{clause}", self.on, role(&item.to)));
            }
        }
        // Who granted it is part of it; only that role can, and GRANTED BY takes none but the current one.
        if item.by != self.owner && !statements.is_empty() {
            statements.insert(0, format!("SET SESSION AUTHORIZATION {}", quote::identifier(&item.by)));
            statements.push("RESET SESSION AUTHORIZATION".to_owned());
        }
        statements
    }

    fn columns(&self) -> String {
        self.column.map(|column| format!(" ({})", quote::identifier(column))).unwrap_or_default()
    }
}

/// An `aclitem`: to whom, which privileges, each with the right to pass it on or not, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) to: String,
    pub(super) letters: Vec<(char, bool)>,
    pub(super) by: String,
}

fn item(to: &str, letters: &str, by: &str) -> Item {
    let letters = letters.chars().map(|letter| (letter, false)).collect();
    Item { to: to.to_owned(), letters, by: by.to_owned() }
}

pub(super) fn parse(text: &str) -> Option<Item> {
    let (to, rest) = name(text)?;
    let (letters, by) = rest.strip_prefix('=')?.split_once('/')?;
    let mut item = item(&to, "", &name(by)?.0);
    for letter in letters.chars() {
        match (letter, item.letters.last_mut()) {
            ('*', Some((_, passed_on))) => *passed_on = true,
            _ => item.letters.push((letter, false)),
        }
    }
    Some(item)
}

// Quoted where it holds more than letters, digits and underscores; a quote in it is doubled.
fn name(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
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

pub(super) fn role(name: &str) -> String {
    if name.is_empty() { "PUBLIC".to_owned() } else { quote::identifier(name) }
}

/// To whom an item grants something, as SQL.
pub(in crate::catalog) fn parse_role(item: &str) -> Option<String> {
    parse(item).map(|item| role(&item.to))
}

pub(super) fn privilege(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'm' => "MAINTAIN",
        'X' => "EXECUTE",
        'U' => "USAGE",
        'C' => "CREATE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Item, parse};

    #[test]
    fn quoted_roles_and_grant_options_are_read() {
        let item = |to: &str, letters: &[(char, bool)], by: &str| Item {
            to: to.to_owned(),
            letters: letters.to_vec(),
            by: by.to_owned(),
        };
        assert_eq!(parse("=r/postgres"), Some(item("", &[('r', false)], "postgres")));
        let odd = r#""a=""b/c"=r*w/"d e""#;
        assert_eq!(parse(odd), Some(item("a=\"b/c", &[('r', true), ('w', false)], "d e")));
    }
}
