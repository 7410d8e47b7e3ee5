use std::collections::BTreeMap;

use migrate_core::{Error, ErrorKind, Result};

use super::Host;

const BEGIN: &str = "# BEGIN migrate: who may connect from where; change it with `cargo migrate user hosts`";
const END: &str = "# END migrate";
const METHOD: &str = "scram-sha-256";

/// The hosts of users, as a block of `pg_hba.conf` has them.
///
/// The first line of that file that fits a connection decides: the block comes first, names users one by one, and ends
/// each with a line that rejects the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block(pub(super) BTreeMap<String, Vec<Host>>);

impl Block {
    /// Takes a file apart: its block, and all the rest.
    ///
    /// # Errors
    ///
    /// `Format` for a block that has no end, or holds what we did not write.
    pub(super) fn split(text: &str) -> Result<(Block, String)> {
        let Some((before, rest)) = text.split_once(BEGIN) else {
            return Ok((Block::default(), text.to_owned()));
        };
        let (inside, after) = rest.split_once(END).ok_or_else(|| edited("it has no end"))?;
        let after = after.strip_prefix('\n').unwrap_or(after);
        Ok((Block::parse(inside)?, format!("{before}{after}")))
    }

    fn parse(inside: &str) -> Result<Block> {
        let mut hosts = BTreeMap::new();
        let mut user = None;
        for line in inside.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix("# user ") {
                Some(quoted) => {
                    let name = quoted.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
                    let name = name.ok_or_else(|| edited(line))?.replace("\"\"", "\"");
                    hosts.insert(name.clone(), Vec::new());
                    user = Some(name);
                }
                None => {
                    let mut words = line.rsplitn(3, ' ');
                    let (method, address) = (words.next(), words.next());
                    let user = user.as_ref().and_then(|user| hosts.get_mut(user));
                    match (method, address, user) {
                        (Some("reject"), Some("all"), Some(_)) => {}
                        (Some(METHOD), Some("all"), Some(user)) => user.push(Host::Any),
                        (Some(METHOD), Some(host), Some(user)) => user.push(host.parse()?),
                        _ => return Err(edited(line)),
                    }
                }
            }
        }
        Ok(Block(hosts))
    }

    /// The file with this block at its head.
    pub(super) fn join(&self, rest: &str, server: i32) -> String {
        if self.0.is_empty() {
            return rest.to_owned();
        }
        let mut text = format!("{BEGIN}\n");
        for (user, hosts) in &self.0 {
            text += &format!("# user {}\n", quoted(user));
            let field = field(user, server);
            for host in hosts {
                text += &format!("host all {field} {} {METHOD}\n", host.written());
            }
            if !hosts.contains(&Host::Any) {
                text += &format!("host all {field} all reject\n");
            }
        }
        format!("{text}{END}\n{rest}")
    }
}

/// A user's name as the field of a line. Quoted, it is no keyword, group or file; but from PostgreSQL 16 on a slash
/// begins a regular expression all the same.
fn field(user: &str, server: i32) -> String {
    if server < 160_000 || !user.starts_with('/') {
        return quoted(user);
    }
    let escape = |c: char| match c.is_alphanumeric() || c == '_' || c == '-' || c == ' ' {
        true => c.to_string(),
        false if c.is_ascii() => format!("\\{c}"),
        false => format!("[{c}]"),
    };
    quoted(&format!("/^{}$", user.chars().map(escape).collect::<String>()))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn edited(line: &str) -> Error {
    Error::new(ErrorKind::Format, "the block that `migrate` keeps in `pg_hba.conf` was edited")
        .note(line)
        .help("remove the block, and set the hosts anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "# TYPE\nlocal all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

    fn block(users: &[(&str, &[&str])]) -> Block {
        let hosts = |hosts: &[&str]| hosts.iter().map(|host| host.parse().unwrap()).collect();
        Block(users.iter().map(|(user, names)| ((*user).to_owned(), hosts(names))).collect())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let hostile = "it's \"the\" one.two # all,@x";
        let block =
            block(&[("all", &["any"]), (hostile, &["10.0.0.0/8", "::1", ".example"]), ("+g", &["any"])]);
        let text = block.join(REST, 150_000);
        assert!(text.contains("\nhost all \"it's \"\"the\"\" one.two # all,@x\" 10.0.0.0/8 scram-sha-256\n"));
        assert_eq!(Block::split(&text).unwrap(), (block, REST.to_owned()));
        assert_eq!(Block::default().join(REST, 150_000), REST);
    }

    #[test]
    fn a_slash_is_no_regular_expression() {
        let text = block(&[("/a.b", &["any"])]).join("", 160_000);
        assert!(text.contains("host all \"/^\\/a\\.b$\" all scram-sha-256\n"), "{text}");
        assert!(block(&[("/a.b", &["any"])]).join("", 150_000).contains("host all \"/a.b\" all"));
    }

    #[test]
    fn an_edited_block_is_not_believed() {
        let text = block(&[("ann", &["::1"])]).join(REST, 150_000);
        for edited in [
            text.replace(END, ""),
            text.replace("# user \"ann\"\n", ""),
            text.replace("scram-sha-256\nhost all \"ann\" all reject", "trust"),
            text.replace("reject", "reject # never"),
        ] {
            assert_eq!(Block::split(&edited).unwrap_err().kind(), ErrorKind::Format, "{edited}");
        }
    }
}
