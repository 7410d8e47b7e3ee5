use std::borrow::Cow;

/// Reads the rows of a CSV text (RFC 4180), one after another; blank lines are skipped.
///
/// Text after a quoted cell belongs to the cell, and a single carriage return ends a row, as in other CSV readers.
#[derive(Debug, Clone)]
pub(crate) struct CsvRecords<'t> {
    rest: &'t str,
    line: u32,
    /// The first place in a row where the text deviates from RFC 4180: the deviation, and how many bytes were left.
    odd: Option<(CsvOddity, usize)>,
}

/// A deviation from RFC 4180 that other readers accept too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CsvOddity {
    /// A text follows a quoted cell.
    Behind,
    /// A carriage return without a line feed ends a row.
    Return,
}

/// What is wrong with a row, and its line, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CsvError {
    pub(crate) line: u32,
    pub(crate) message: &'static str,
    pub(crate) help: &'static str,
}

impl<'t> CsvRecords<'t> {
    pub(crate) fn new(text: &'t str) -> CsvRecords<'t> {
        CsvRecords { rest: text, line: 1, odd: None }
    }

    /// Puts the next row into `cells` and returns the line where it starts, from 1; `None` at the end.
    pub(crate) fn next_into(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Result<Option<u32>, CsvError> {
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

    /// The byte offsets of all deviations in a text, up to where it can be read.
    pub(crate) fn oddities(text: &'t str) -> impl Iterator<Item = (CsvOddity, usize)> {
        let (mut records, mut cells) = (CsvRecords::new(text), Vec::new());
        let found = std::iter::from_fn(move || {
            records.next_into(&mut cells).ok()??;
            Some(records.odd.take())
        });
        found.flatten().map(move |(oddity, left)| (oddity, text.len() - left))
    }

    /// The line and column, both from 1, of a cell of a row; the header is row 0.
    pub(crate) fn position(text: &'t str, row: usize, cell: usize) -> Option<(u32, u32)> {
        let mut records = CsvRecords::new(text);
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

    fn cell(&mut self) -> Result<Cow<'t, str>, CsvError> {
        match self.rest.strip_prefix('"') {
            Some(rest) => self.quoted(rest),
            None => Ok(Cow::Borrowed(self.bare())),
        }
    }

    fn blank_lines(&mut self) {
        loop {
            let blank = self.rest.trim_start_matches([' ', '\t']);
            match line_end(blank) {
                Some((rest, lines)) => {
                    self.rest = rest;
                    self.line += lines;
                }
                None if blank.is_empty() => return self.rest = blank,
                None => return,
            }
        }
    }

    fn bare(&mut self) -> &'t str {
        let end = self.rest.bytes().position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
        let (cell, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        cell
    }

    fn quoted(&mut self, start: &'t str) -> Result<Cow<'t, str>, CsvError> {
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
        if !(self.rest.is_empty() || self.rest.starts_with([',', '\n', '\r'])) {
            self.odd.get_or_insert((CsvOddity::Behind, self.rest.len()));
            let behind = self.bare();
            cell.to_mut().push_str(behind);
        }
        let feeds = cell.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        Ok(cell)
    }

    fn end_of_line(&mut self) {
        if let Some((rest, lines)) = line_end(self.rest) {
            if lines == 0 {
                self.odd.get_or_insert((CsvOddity::Return, self.rest.len()));
            }
            self.rest = rest;
            self.line += lines;
        }
    }

    fn malformed(&self, message: &'static str, help: &'static str) -> CsvError {
        CsvError { line: self.line, message, help }
    }
}

/// The text after the end of a line, and how many lines end there: none for a single carriage return.
fn line_end(text: &str) -> Option<(&str, u32)> {
    let feed = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).map(|rest| (rest, 1));
    feed.or_else(|| Some((text.strip_prefix('\r')?, 0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cases::cases;

    fn rows(text: &str) -> Result<Vec<Vec<String>>, CsvError> {
        let mut records = CsvRecords::new(text);
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
        for (text, line) in [("a\n\"b", 2), ("\"x\n\n\"\n\"", 4), ("\"a\"b\r\n\"", 2)] {
            assert_eq!(rows(text).unwrap_err().line, line, "{text:?}");
        }
    }

    #[test]
    fn what_others_read_is_read_alike_and_told() {
        for (text, expected, at) in [
            (r#""a\"b""#, vec![vec![r#"a\b""#]], vec![4]),
            (r#""say \"hi\", he said",2"#, vec![vec![r#"say \hi\""#, " he said\"", "2"]], vec![7]),
            ("1,\"a\" ,\"b\"\"c\"d\n", vec![vec!["1", "a ", "b\"cd"]], vec![5]),
            ("a\"b\"\n", vec![vec!["a\"b\""]], vec![]),
            ("a\rb\r\nc\n", vec![vec!["a"], vec!["b"], vec!["c"]], vec![1]),
            ("\"a\"\r\r\"b\"", vec![vec!["a"], vec!["b"]], vec![3]),
        ] {
            assert_eq!(rows(text).unwrap(), expected, "{text:?}");
            assert_eq!(CsvRecords::oddities(text).map(|(_, at)| at).collect::<Vec<_>>(), at, "{text:?}");
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
                (_, '\n' | '\r') => {
                    row.push(std::mem::take(&mut cell));
                    let row = std::mem::take(&mut row);
                    let blank = !quoted && row.len() == 1 && row[0].trim_matches([' ', '\t']).is_empty();
                    if !blank {
                        rows.push(row);
                    }
                    (at, quoted) = (At::Start, false);
                }
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
