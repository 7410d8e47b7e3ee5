use super::number::DecimalParts;
use crate::facts::Value;

/// What is wrong with a JSON text, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonFault {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

/// Whether a text is JSON that `jsonb` can keep.
///
/// Nothing is rewritten: the server reads numbers of any length exactly, so a text that passes this check keeps its
/// meaning.
pub(crate) fn check(text: &str) -> Result<(), JsonFault> {
    let mut reader = JsonChecker { text: text.as_bytes(), at: 0 };
    reader.document().map_err(|what| JsonFault { at: reader.at, what })
}

struct JsonChecker<'a> {
    text: &'a [u8],
    at: usize,
}

impl JsonChecker<'_> {
    /// Without recursion: the server limits how deep a text may be nested.
    fn document(&mut self) -> Result<(), &'static str> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            let opened = match self.peek() {
                Some(b'{') => self.opened(&mut open, b'}'),
                Some(b'[') => self.opened(&mut open, b']'),
                _ => self.scalar().map(|()| false)?,
            };
            if opened {
                if open.last() == Some(&b'}') {
                    self.name()?;
                }
                continue;
            }
            if self.closed(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Enters a list or mapping; returns whether it has contents.
    fn opened(&mut self, open: &mut Vec<u8>, close: u8) -> bool {
        self.at += 1;
        self.blanks();
        if self.take(close) {
            return false;
        }
        open.push(close);
        true
    }

    /// After a value: closes the lists and mappings that end here, and returns whether the text ends.
    fn closed(&mut self, open: &mut Vec<u8>) -> Result<bool, &'static str> {
        loop {
            self.blanks();
            let Some(close) = open.last().copied() else {
                return if self.at == self.text.len() { Ok(true) } else { Err("something follows its end") };
            };
            if self.take(b',') {
                return if close == b'}' { self.name().map(|()| false) } else { Ok(false) };
            }
            if !self.take(close) {
                return Err(if close == b'}' { "expected `,` or `}`" } else { "expected `,` or `]`" });
            }
            open.pop();
        }
    }

    fn name(&mut self) -> Result<(), &'static str> {
        self.blanks();
        if self.peek() != Some(b'"') {
            return Err("expected a name in double quotes");
        }
        self.string()?;
        self.blanks();
        if self.take(b':') { Ok(()) } else { Err("expected `:`") }
    }

    fn scalar(&mut self) -> Result<(), &'static str> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            None => Err("it ends too early"),
            Some(_) => Err("expected a value"),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), &'static str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err("expected a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), &'static str> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), &'static str> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > from { Ok(()) } else { Err("expected a digit") }
    }

    fn string(&mut self) -> Result<(), &'static str> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err("a text has no end"),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..0x20) => return Err("a control character in a text must be escaped"),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), &'static str> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => self.unicode(),
            _ => Err("no such escape"),
        }
    }

    fn unicode(&mut self) -> Result<(), &'static str> {
        match self.unit()? {
            0 => Err("PostgreSQL can't store the character NUL"),
            0xD800..=0xDBFF => {
                let low =
                    self.take(b'\\') && self.peek() == Some(b'u') && matches!(self.unit()?, 0xDC00..=0xDFFF);
                if low { Ok(()) } else { Err("half of a surrogate pair") }
            }
            0xDC00..=0xDFFF => Err("half of a surrogate pair"),
            _ => Ok(()),
        }
    }

    /// The four digits after a `u`.
    fn unit(&mut self) -> Result<u32, &'static str> {
        let digits =
            self.text.get(self.at + 1..self.at + 5).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or("expected four hex digits")?;
        self.at += 5;
        Ok(unit)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

/// A number in a value that JSON can't write: `.inf` or `.nan`.
pub(crate) fn unwritable(value: &Value) -> Option<&str> {
    match value {
        Value::Number(number) => Some(number.as_str()).filter(|number| DecimalParts::of(number).is_none()),
        Value::List(values) => values.iter().find_map(unwritable),
        Value::Map(entries) => entries.iter().find_map(|(_, value)| unwritable(value)),
        Value::Null | Value::Bool(_) | Value::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_takes_passes() {
        let good = [
            "{}",
            " [ ] ",
            "1",
            "-0.5e+10",
            r#""a\u00e9\ud83d\ude00\n""#,
            "null",
            r#"{"a": [1, {"b": []}, "c"], "d": true}"#,
            "12345678901234567890.5",
        ];
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert_eq!(check(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), Ok(()));
    }

    #[test]
    fn what_it_refuses_is_said_with_its_place() {
        let bad = [
            ("", 0),
            ("{", 1),
            ("[1,]", 3),
            ("{\"a\" 1}", 5),
            ("{a: 1}", 1),
            ("[1 2]", 3),
            ("01", 1),
            ("1.", 2),
            ("+1", 0),
            ("nul", 0),
            ("{} {}", 3),
            ("\"a", 2),
            ("\"\t\"", 1),
            (r#""\x""#, 2),
            (r#""\u0000""#, 7),
            (r#""\ud83d""#, 7),
            (r#""\ude00""#, 7),
            ("NaN", 0),
            ("[1}", 2),
        ];
        for (text, at) in bad {
            assert_eq!(check(text).map_err(|wrong| wrong.at), Err(at), "{text}");
        }
    }

    #[test]
    fn numbers_that_json_lacks_are_found() {
        let number = |text: &str| Value::Number(text.to_owned());
        let deep = Value::Map(vec![("a".into(), Value::List(vec![number("1.5"), number("NaN")]))]);
        assert_eq!(unwritable(&deep), Some("NaN"));
        assert_eq!(unwritable(&number("12345678901234567890.5")), None);
    }
}
