use std::borrow::Cow;

/// Reads the rows of a CSV text (RFC 4180), one after another; blank lines are passed over.
#[derive(Debug, Clone)]
pub(super) struct Records<'t> {
    rest: &'t str,
    line: u32,
}

/// What is wrong with a row, and the line that it is on, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) line: u32,
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str) -> Records<'t> {
        Records { rest: text, line: 1 }
    }

    /// Puts the next row into `cells` and gives the line that it starts on, from 1; `None` at the end.
    pub(super) fn next_into(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Result<Option<u32>, Malformed> {
        cells.clear();
        self.blank_lines();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        loop {
            cells.push(self.cell()?);
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.end_of_line();
        Ok(Some(line))
    }

    /// The line and column, both from 1, of a cell of a row; the header is row 0.
    pub(super) fn position(text: &'t str, row: usize, cell: usize) -> Option<(u32, u32)> {
        let mut records = Records::new(text);
        let mut cells = Vec::new();
        for _ in 0..row {
            records.next_into(&mut cells).ok()?;
        }
        records.blank_lines();
        for _ in 0..cell {
            records.cell().ok()?;
            records.rest = records.rest.strip_prefix(',')?;
        }
        let before = text.get(..text.len() - records.rest.len())?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some((records.line, u32::try_from(line.chars().count()).ok()?.saturating_add(1)))
    }

    fn cell(&mut self) -> Result<Cow<'t, str>, Malformed> {
        match self.rest.strip_prefix('"') {
            Some(rest) => self.quoted(rest),
            None => self.bare(),
        }
    }

    fn blank_lines(&mut self) {
        loop {
            let blank = self.rest.trim_start_matches([' ', '\t']);
            let after = blank.strip_prefix("\r\n").or_else(|| blank.strip_prefix('\n'));
            match after {
                Some(rest) => {
                    self.rest = rest;
                    self.line += 1;
                }
                None if blank.is_empty() => return self.rest = blank,
                None => return,
            }
        }
    }

    fn bare(&mut self) -> Result<Cow<'t, str>, Malformed> {
        let end = self.rest.bytes().position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
        let (cell, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if rest.starts_with('\r') && !rest.starts_with("\r\n") {
            return Err(self.malformed(
                "a carriage return stands in the row",
                "end rows with a line feed, and put a cell that holds a carriage return into double quotes",
            ));
        }
        self.rest = rest;
        Ok(Cow::Borrowed(cell))
    }

    fn quoted(&mut self, start: &'t str) -> Result<Cow<'t, str>, Malformed> {
        let mut cell = Cow::Borrowed("");
        let mut rest = start;
        loop {
            let Some(end) = rest.bytes().position(|byte| byte == b'"') else {
                return Err(self.malformed(
                    "a quoted cell has no end",
                    "close it with a double quote; write one inside it twice",
                ));
            };
            let (part, after) = rest.split_at(end);
            match cell.is_empty() {
                true => cell = Cow::Borrowed(part),
                false => cell.to_mut().push_str(part),
            }
            let after = after.get(1..).unwrap_or_default();
            match after.strip_prefix('"') {
                Some(more) => {
                    cell.to_mut().push('"');
                    rest = more;
                }
                None => {
                    self.rest = after;
                    break;
                }
            }
        }
        if !(self.rest.is_empty() || self.rest.starts_with([',', '\n']) || self.rest.starts_with("\r\n")) {
            return Err(self.malformed(
                "a text follows a quoted cell",
                "write a double quote inside a quoted cell twice",
            ));
        }
        let feeds = cell.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        Ok(cell)
    }

    fn end_of_line(&mut self) {
        let after = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
        if let Some(rest) = after {
            self.rest = rest;
            self.line += 1;
        }
    }

    fn malformed(&self, message: &'static str, help: &'static str) -> Malformed {
        Malformed { line: self.line, message, help }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cases::cases;

    fn rows(text: &str) -> Result<Vec<Vec<String>>, Malformed> {
        let mut records = Records::new(text);
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        while records.next_into(&mut cells)?.is_some() {
            rows.push(cells.iter().map(|cell| cell.to_string()).collect());
        }
        Ok(rows)
    }

    #[test]
    fn cells_are_what_rfc_4180_says() {
        let text = "a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\n\n ,\n1,\"\"\n\u{2028},\u{c}";
        let expected = [
            vec!["a", "b"],
            vec!["x\ny", "say \"hi\""],
            vec![" ", ""],
            vec!["1", ""],
            vec!["\u{2028}", "\u{c}"],
        ];
        assert_eq!(rows(text).unwrap(), expected);
        assert_eq!(rows(""), Ok(vec![]));
        assert_eq!(rows("\n  \n\n"), Ok(vec![]));
        assert_eq!(rows("a,"), Ok(vec![vec!["a".into(), "".into()]]));
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_line() {
        for (text, line) in [("a\n\"b", 2), ("a\n\n\"b\"c\n", 3), ("a\rb", 1), ("\"x\n\n\"\n\"", 4)] {
            assert_eq!(rows(text).unwrap_err().line, line, "{text:?}");
        }
    }

    /// A machine with a state a character, as slow as it is plain.
    fn oracle(text: &str) -> Option<Vec<Vec<String>>> {
        #[derive(PartialEq)]
        enum At {
            Start,
            Bare,
            Quoted,
            Quote,
        }
        let (mut rows, mut row, mut cell, mut at) = (vec![], vec![], String::new(), At::Start);
        let mut quoted = false;
        for c in text.chars().chain(['\n']) {
            match (&at, c) {
                (At::Quoted, '"') => at = At::Quote,
                (At::Quoted, c) => cell.push(c),
                (At::Quote, '"') => {
                    cell.push('"');
                    at = At::Quoted;
                }
                (At::Start, '"') => (at, quoted) = (At::Quoted, true),
                (_, ',') => {
                    row.push(std::mem::take(&mut cell));
                    at = At::Start;
                }
                (_, '\n') => {
                    row.push(std::mem::take(&mut cell));
                    let row = std::mem::take(&mut row);
                    let blank = !quoted && row.len() == 1 && row[0].trim_matches([' ', '\t']).is_empty();
                    if !blank {
                        rows.push(row);
                    }
                    (at, quoted) = (At::Start, false);
                }
                (At::Quote, _) | (_, '\r') => return None,
                (_, c) => {
                    cell.push(c);
                    at = At::Bare;
                }
            }
        }
        (at == At::Start && row.is_empty() && cell.is_empty()).then_some(rows)
    }

    proptest! {
        #![proptest_config(cases(5000))]

        #[test]
        fn rows_are_those_of_a_plainer_reader(text in "[ab\"\", \n\r\t\u{2028}é]{0,24}") {
            // The oracle knows one way to end a row.
            prop_assume!(!text.contains("\r\n"));
            prop_assert_eq!(rows(&text).ok(), oracle(&text), "{:?}", text);
        }

        #[test]
        fn what_is_written_as_csv_is_read_back(table in prop::collection::vec(prop::collection::vec("[a\", \n\r]{1,4}", 2), 0..5)) {
            let line = |row: &Vec<String>| {
                let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                cells.join(",") + "\r\n"
            };
            let text: String = table.iter().map(line).collect();
            prop_assert_eq!(rows(&text), Ok(table));
        }
    }
}
