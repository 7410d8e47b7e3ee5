use std::fs;
use std::path::Path;

/// What a password file has for a connection.
#[derive(Default)]
pub(super) struct Found {
    /// The password and its line, from 1.
    pub(super) password: Option<(String, usize)>,
    /// Why the file was passed over, if it was.
    pub(super) note: Option<String>,
}

/// Looks a connection up by libpq's rules (PostgreSQL manual, "The Password File"): the first line
/// counts whose four fields are equal or `*`. A file that does not exist has nothing.
pub(super) fn look_up(path: &Path, wanted: [&str; 4]) -> Found {
    if !path.exists() {
        return Found::default();
    }
    if let Some(reason) = untrusted(path) {
        return Found {
            note: Some(format!("`{}` was passed over: {reason}", path.display())),
            password: None,
        };
    }
    match fs::read_to_string(path) {
        Ok(text) => Found { password: find(&text, wanted), note: None },
        Err(error) => Found {
            note: Some(format!("`{}` was passed over: it can't be read: {error}", path.display())),
            password: None,
        },
    }
}

fn untrusted(path: &Path) -> Option<&'static str> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() {
        return Some("it is not a plain file");
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Some("others may read it; set its permissions to `u=rw` (0600)");
    }
    None
}

fn find(text: &str, wanted: [&str; 4]) -> Option<(String, usize)> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#'));
    lines.into_iter().find_map(|(line, number)| Some((password(line, wanted)?, number)))
}

/// The line's password, if it is for this connection.
fn password(line: &str, wanted: [&str; 4]) -> Option<String> {
    let mut rest = line;
    for value in wanted {
        let (written, found, after) = field(rest);
        if written != "*" && found != value {
            return None;
        }
        rest = after?;
    }
    Some(field(rest).1).filter(|password| !password.is_empty())
}

/// The first field as written and as meant, and what follows its colon.
fn field(text: &str) -> (&str, String, Option<&str>) {
    let mut meant = String::new();
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\\' => meant.extend(rest.next().map(|(_, c)| c)),
            ':' => return (text.get(..at).unwrap_or(text), meant, Some(rest.as_str())),
            c => meant.push(c),
        }
    }
    (text, meant, None)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text =
            "# comment\nother:*:*:*:no\nh:1:d:u:p\\:q\\\\r\n*:*:*:*:any\n::1:5:d:u:x\n\\:\\:1:5:d:u:six\n";
        let check = |wanted, expect: Option<(&str, usize)>| {
            assert_eq!(find(text, wanted), expect.map(|(password, line)| (password.to_owned(), line)));
        };
        check(["h", "1", "d", "u"], Some(("p:q\\r", 3)));
        check(["h", "2", "d", "u"], Some(("any", 4)));
        assert_eq!(find("\\:\\:1:5:d:u:six", ["::1", "5", "d", "u"]), Some(("six".to_owned(), 1)));
        assert_eq!(find("h:1:d:u\nh:1:d\n\nh", ["h", "1", "d", "u"]), None);
        assert_eq!(find("\\*:1:d:u:x", ["h", "1", "d", "u"]), None);
    }
}
