use std::fs;
use std::path::Path;

use super::origin::ValueOrigin;

/// What a password file has for a connection.
#[derive(Default)]
pub(crate) struct PassfileEntry {
    /// The password and its line, from 1.
    pub(crate) password: Option<(Vec<u8>, usize)>,
    /// Why the file has none, if there is more to say than that no line fits.
    pub(crate) note: Option<String>,
}

/// Looks a connection up by libpq's rules (PostgreSQL manual, "The Password File"): the first line
/// counts whose four fields are equal or `*`, even if its password is empty: then there is none. A file that does not
/// exist has nothing, which is reported if it was named. Its content is bytes, as for the server: a name or a
/// password in another encoding than UTF-8 keeps nobody from the other lines.
pub(crate) fn look_up(path: &Path, named: Option<&ValueOrigin>, wanted: [&str; 4]) -> PassfileEntry {
    let without = |note: String| PassfileEntry { password: None, note: Some(note) };
    let shown = path.display();
    match (path.try_exists(), named) {
        (Ok(false), Some(origin)) => {
            return without(format!("the password file `{shown}`, which {origin} names, does not exist"));
        }
        (Ok(false), None) => return PassfileEntry::default(),
        (Ok(true) | Err(_), _) => {}
    }
    if let Some(reason) = untrusted(path) {
        return without(format!("`{shown}` was passed over: {reason}"));
    }
    match fs::read(path).map(|text| find(&text, wanted)) {
        Ok(Some((password, line))) if password.is_empty() => {
            without(format!("the password in line {line} of `{shown}` is empty; later lines do not count"))
        }
        Ok(password) => PassfileEntry { password, note: None },
        Err(error) => without(format!("`{shown}` was passed over: it can't be read: {error}")),
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

fn find(text: &[u8], wanted: [&str; 4]) -> Option<(Vec<u8>, usize)> {
    let lines = text.split(|byte| *byte == b'\n').map(without_returns);
    let mut lines = lines.zip(1..).filter(|(line, _)| !line.starts_with(b"#"));
    lines.find_map(|(line, number)| Some((password(line, wanted)?, number)))
}

/// A line without the carriage returns at its end, all of which libpq removes.
fn without_returns(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    line.get(..end).unwrap_or(line)
}

/// The line's password, if it is for this connection.
fn password(line: &[u8], wanted: [&str; 4]) -> Option<Vec<u8>> {
    let mut rest = line;
    for value in wanted {
        let (written, found, after) = field(rest);
        if written != b"*" && found != value.as_bytes() {
            return None;
        }
        rest = after?;
    }
    Some(field(rest).1)
}

/// The first field as written and as meant, and what follows its colon.
fn field(text: &[u8]) -> (&[u8], Vec<u8>, Option<&[u8]>) {
    let mut meant = Vec::new();
    let mut rest = text.iter().enumerate();
    while let Some((at, byte)) = rest.next() {
        match byte {
            b'\\' => meant.push(rest.next().map_or(b'\\', |(_, byte)| *byte)),
            b':' => return (text.get(..at).unwrap_or(text), meant, text.get(at + 1..)),
            byte => meant.push(*byte),
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
            let expect = expect.map(|(password, line)| (password.as_bytes().to_vec(), line));
            assert_eq!(find(text.as_bytes(), wanted), expect);
        };
        check(["h", "1", "d", "u"], Some(("p:q\\r", 3)));
        check(["h", "2", "d", "u"], Some(("any", 4)));
        assert_eq!(find(b"\\:\\:1:5:d:u:six", ["::1", "5", "d", "u"]), Some((b"six".to_vec(), 1)));
        assert_eq!(find(b"h:1:d:u\nh:1:d\n\nh", ["h", "1", "d", "u"]), None);
        assert_eq!(find(b"\\*:1:d:u:x", ["h", "1", "d", "u"]), None);
        // As in libpq, the first line counts even if it has no password, and a last backslash is one.
        let found = find(b"h:1:d:u:\n*:*:*:*:any\n", ["h", "1", "d", "u"]);
        assert_eq!(found, Some((Vec::new(), 1)));
        assert_eq!(find(b"h:1:d:u:p\\\n", ["h", "1", "d", "u"]), Some((b"p\\".to_vec(), 1)));
        assert_eq!(find(b"h:1:d:u:p\r\r\n", ["h", "1", "d", "u"]), Some((b"p".to_vec(), 1)));
        // However long the file and its lines are.
        let long = format!("{}h:1:d:u:p\n", format!("x:{}\n", "y".repeat(1 << 20)).repeat(3));
        assert_eq!(find(long.as_bytes(), ["h", "1", "d", "u"]), Some((b"p".to_vec(), 4)));
    }

    #[test]
    fn a_line_in_another_encoding_hides_no_other_line() {
        let text = b"h:1:d:J\xf6rg:no\nh:1:d:u:p\xe4ss\r\n";
        assert_eq!(find(text, ["h", "1", "d", "u"]), Some((b"p\xe4ss".to_vec(), 2)));
        assert_eq!(find(text, ["h", "1", "d", "J\u{f6}rg"]), None);
    }
}
