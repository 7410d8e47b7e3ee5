use std::collections::BTreeMap;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::host::Host;

const BEGIN: &str = "# BEGIN migrate: who may connect from where; change it with `cargo migrate user hosts`";
const END: &str = "# END migrate";
const METHOD: &str = "scram-sha-256";

/// The database field of a line. `all` does not include replication, which copies all databases.
const DATABASES: &str = "all,replication";

/// The same field in blocks of older releases.
const OLDER: &str = "all";

/// The hosts of users, in a block of `pg_hba.conf`.
///
/// In that file, the first line that matches a connection decides. So the block comes first, names each user, and
/// ends each user's lines with one that rejects the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block(pub(crate) BTreeMap<String, Vec<Host>>);

/// What the format of a block depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockFormat {
    /// `server_version_num`.
    pub(crate) server: i32,
    /// Whether other machines can reach the server: then they must use TLS.
    pub(crate) open: bool,
}

impl Block {
    /// Splits a file into its block and the rest.
    ///
    /// # Errors
    ///
    /// `Format` for a block that has no end, or has lines that `migrate` did not write.
    pub(crate) fn split(text: &str) -> Result<(Block, String)> {
        let (mut inside, mut rest, mut within) = (String::new(), String::new(), None);
        for line in text.split_inclusive('\n') {
            // A user name may contain these words, but not as a whole line.
            match (line.trim_end_matches(['\n', '\r']), within) {
                (BEGIN, None) => within = Some(true),
                (BEGIN, Some(_)) => return Err(edited("it begins twice")),
                (END, Some(true)) => within = Some(false),
                (_, Some(true)) => inside += line,
                _ => rest += line,
            }
        }
        match within {
            Some(true) => Err(edited("it has no end")),
            _ => Ok((Block::parse(&inside)?, rest)),
        }
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
                    let name = user.as_ref().ok_or_else(|| edited(line))?;
                    let hosts = hosts.get_mut(name).ok_or_else(|| edited(line))?;
                    read(line, name, hosts).ok_or_else(|| edited(line))?;
                }
            }
        }
        Ok(Block(hosts))
    }

    /// The text of the file with this block at the beginning.
    pub(crate) fn join(&self, rest: &str, format: BlockFormat) -> String {
        if self.0.is_empty() {
            return rest.to_owned();
        }
        let mut text = format!("{BEGIN}\n");
        for (user, hosts) in &self.0 {
            text += &format!("# user {}\n", quoted(user));
            let mut write = |kind: &str, host: &Host, method: &str| {
                let field = field(user, format.server);
                text += &format!("{kind} {DATABASES} {field} {} {method}\n", host.written());
            };
            for host in hosts {
                // Connections from the machine itself need no encryption.
                if format.open && !host.is_local() {
                    host.local_part().iter().for_each(|part| write("host", part, METHOD));
                    write("hostssl", host, METHOD);
                } else {
                    write("host", host, METHOD);
                }
            }
            if format.open || !hosts.contains(&Host::Any) {
                write("host", &Host::Any, "reject");
            }
        }
        format!("{text}{END}\n{rest}")
    }
}

/// Reads a line of a user and adds to the user's hosts; `None` for a line that `migrate` did not write.
fn read(line: &str, user: &str, hosts: &mut Vec<Host>) -> Option<()> {
    let mut words = line.rsplitn(3, ' ');
    let (method, address, head) = (words.next()?, words.next()?, words.next()?);
    let (kind, subject) = head.split_once(' ')?;
    let known = [DATABASES, OLDER].into_iter().any(|databases| {
        [0, REGULAR].into_iter().any(|server| subject == format!("{databases} {}", field(user, server)))
    });
    let host = if address == "all" { Host::Any } else { address.parse().ok()? };
    match (kind, method) {
        _ if !known => None,
        ("host", "reject") => (host == Host::Any).then_some(()),
        ("host", METHOD) => {
            hosts.push(host);
            Some(())
        }
        ("hostssl", METHOD) => {
            // The lines before it are the part of the host that needs no encryption.
            let part = host.local_part();
            let kept = hosts.len().checked_sub(part.len())?;
            (hosts.split_off(kept) == part).then(|| hosts.push(host))
        }
        _ => None,
    }
}

/// The first version whose fields may be regular expressions.
const REGULAR: i32 = 160_000;

/// A user name as a field of a line. If quoted, it is no keyword, group or file name. But from PostgreSQL 16 on, a
/// name with a leading slash is a regular expression even if quoted.
fn field(user: &str, server: i32) -> String {
    if server < REGULAR || !user.starts_with('/') {
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
        .help("remove the block, and set the hosts again")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "# TYPE\nlocal all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

    const CLOSED: BlockFormat = BlockFormat { server: 150_000, open: false };
    const OPEN: BlockFormat = BlockFormat { server: 160_000, open: true };

    fn block(users: &[(&str, &[&str])]) -> Block {
        let hosts = |hosts: &[&str]| hosts.iter().map(|host| host.parse().unwrap()).collect();
        Block(users.iter().map(|(user, names)| ((*user).to_owned(), hosts(names))).collect())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let hostile = "it's \"the\" one.two # all,@x";
        let block = block(&[
            ("all", &["any"]),
            (hostile, &["10.0.0.0/8", "::1", ".example"]),
            ("+g", &["127.0.0.0/8", "any", "0.0.0.0/0", "::/0", "localhost"]),
            ("/r", &["::/1"]),
            (END, &["127.0.0.1"]),
            (BEGIN, &["any"]),
        ]);
        for format in [CLOSED, OPEN] {
            assert_eq!(Block::split(&block.join(REST, format)).unwrap(), (block.clone(), REST.to_owned()));
        }
        let name = "\"it's \"\"the\"\" one.two # all,@x\"";
        let line = format!("\nhost all,replication {name} 10.0.0.0/8 scram-sha-256\n");
        assert!(block.join(REST, CLOSED).contains(&line));
        assert_eq!(Block::default().join(REST, OPEN), REST);
    }

    #[test]
    fn other_machines_have_to_connect_encrypted() {
        let text = block(&[("ann", &["127.0.0.1", "10.0.0.0/8", "any", "db.example"])]).join("", OPEN);
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let hosts: Vec<String> =
            lines.iter().map(|line| line.replace("all,replication \"ann\" ", "")).collect();
        assert_eq!(
            hosts,
            [
                "host 127.0.0.1/32 scram-sha-256",
                "hostssl 10.0.0.0/8 scram-sha-256",
                "host 127.0.0.0/8 scram-sha-256",
                "host ::1/128 scram-sha-256",
                "hostssl all scram-sha-256",
                "hostssl db.example scram-sha-256",
                "host all reject",
            ]
        );
    }

    #[test]
    fn a_block_of_an_older_release_is_read() {
        let text = format!(
            "{BEGIN}\n# user \"ann\"\nhost all \"ann\" ::1/128 {METHOD}\nhost all \"ann\" all reject\n{END}\n"
        );
        assert_eq!(Block::split(&text).unwrap(), (block(&[("ann", &["::1"])]), String::new()));
    }

    #[test]
    fn a_slash_is_no_regular_expression() {
        let text = block(&[("/a.b", &["any"])]).join("", BlockFormat { open: false, ..OPEN });
        assert!(text.contains("host all,replication \"/^\\/a\\.b$\" all scram-sha-256\n"), "{text}");
        assert!(block(&[("/a.b", &["any"])]).join("", CLOSED).contains(" \"/a.b\" all"));
    }

    #[test]
    fn an_edited_block_is_not_believed() {
        let closed = block(&[("ann", &["::1"])]).join(REST, CLOSED);
        let open = block(&[("ann", &["any"])]).join(REST, OPEN);
        for edited in [
            closed.replace(END, ""),
            closed.replace("# user \"ann\"\n", ""),
            closed.replace("::1/128 scram-sha-256", "::1/128 trust"),
            closed.replace("reject", "reject # never"),
            closed.replace("\"ann\" all", "\"bob\" all"),
            closed.replace("all,replication", "replication"),
            closed.replace("all reject", "::1 reject"),
            open.replace("::1/128 scram-sha-256", "::2/128 scram-sha-256"),
            format!("{open}{BEGIN}\n"),
        ] {
            assert_eq!(Block::split(&edited).unwrap_err().kind(), ErrorKind::Format, "{edited}");
        }
    }
}
