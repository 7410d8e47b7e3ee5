use std::process::Command;

use harness::{Result, Server, context};

/// What `pg_dump -s` says of a database, in parts that are sorted: one for each object. The order of a table's columns is left
/// out.
pub(crate) struct Dump {
    parts: Vec<String>,
    /// The whole, as it was printed.
    pub(crate) text: String,
}

impl PartialEq for Dump {
    fn eq(&self, other: &Dump) -> bool {
        self.parts == other.parts
    }
}

/// What a dump says before the objects that it holds for, if it is not this.
const DEFAULTS: [&str; 2] = ["SET default_tablespace = '';", "SET default_table_access_method = heap;"];

impl Dump {
    /// Asks the program.
    ///
    /// # Errors
    ///
    /// What `pg_dump` says.
    pub(crate) fn of(server: &Server, database: &str) -> Result<Dump> {
        let mut command = Command::new(Server::program("pg_dump")?);
        let output =
            command.args(["-s", "-d", &server.url(database)]).output().map_err(context("pg_dump"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(Dump::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(text: &str) -> Dump {
        let (mut parts, mut settings) = (Vec::<Vec<String>>::new(), DEFAULTS.map(str::to_owned));
        for line in text.lines().filter(|line| !is_noise(line)) {
            if let Some(setting) = settings.iter_mut().find(|setting| same_setting(setting, line)) {
                line.clone_into(setting);
            } else if line.starts_with("-- Name: ") {
                let other = settings.iter().filter(|setting| !DEFAULTS.contains(&setting.as_str()));
                parts.push(std::iter::once(line.to_owned()).chain(other.cloned()).collect());
            } else if let Some(part) = parts.last_mut() {
                part.push(line.to_owned());
            }
        }
        let mut parts: Vec<String> = parts.into_iter().map(normal).collect();
        parts.sort();
        Dump { parts, text: text.to_owned() }
    }

    /// The lines that only one of two dumps has: `-` marks what is wanted, `+` what is there.
    pub(crate) fn differences(wanted: &Dump, found: &Dump) -> String {
        let mut lines = Vec::new();
        for (sign, some, others) in [('-', wanted, found), ('+', found, wanted)] {
            let only = some.parts.iter().filter(|part| !others.parts.contains(part));
            lines.extend(only.flat_map(|part| part.lines().map(move |line| format!("{sign} {line}"))));
        }
        lines.join("\n")
    }
}

fn is_noise(line: &str) -> bool {
    let begins = ["\\restrict", "\\unrestrict", "-- Dumped ", "-- PostgreSQL database dump"];
    line.is_empty() || line == "--" || begins.iter().any(|begin| line.starts_with(begin))
}

fn same_setting(setting: &str, line: &str) -> bool {
    let name = |text: &str| text.split(" = ").next().map(str::to_owned);
    name(setting) == name(line)
}

/// The lines of privileges and of a table's columns have no order, and no more have options.
fn normal(mut part: Vec<String>) -> String {
    let kinds = ["; Type: TABLE;", "; Type: FOREIGN TABLE;", "; Type: ACL;", "; Type: DEFAULT ACL;"];
    if let [header, rest @ ..] = part.as_mut_slice()
        && kinds.iter().any(|kind| header.contains(kind))
    {
        rest.iter_mut().for_each(|line| line.truncate(line.trim_end_matches(',').len()));
        rest.sort();
    }
    part.iter_mut().for_each(|line| ["WITH (", "TAG IN ("].iter().for_each(|list| sort_list(line, list)));
    part.join("\n")
}

/// Options and tags have no order either.
fn sort_list(line: &mut String, begin: &str) {
    let Some((before, rest)) = line.split_once(begin) else { return };
    let Some((list, after)) = rest.split_once(')') else { return };
    let mut items: Vec<&str> = list.split(", ").collect();
    items.sort_unstable();
    *line = format!("{before}{begin}{}){after}", items.join(", "));
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "--\n-- PostgreSQL database dump\n--\n\nSET default_table_access_method = heap;\n\n";

    #[test]
    fn the_order_of_columns_is_left_out_and_a_column_is_not() {
        let table = |columns: &str| {
            Dump::parse(&format!(
                "{HEAD}--\n-- Name: t; Type: TABLE; Schema: s; Owner: o\n--\n\nCREATE TABLE s.t (\n{columns}\n);\n"
            ))
        };
        let one = table("    a integer,\n    b text");
        assert!(one == table("    b text,\n    a integer"));
        assert_eq!(
            Dump::differences(&one, &table("    b text"))
                .lines()
                .filter(|line| line.contains("a integer"))
                .count(),
            1
        );
    }

    #[test]
    fn a_setting_belongs_to_what_comes_after_it() {
        let dump = |space: &str| {
            Dump::parse(&format!(
                "{HEAD}SET default_tablespace = {space};\n--\n-- Name: t; Type: TABLE;\n--\nCREATE TABLE t (\n);\n"
            ))
        };
        assert!(
            dump("''")
                == Dump::parse(&format!("{HEAD}--\n-- Name: t; Type: TABLE;\n--\nCREATE TABLE t (\n);\n"))
        );
        assert!(dump("''") != dump("fast"));
    }
}
