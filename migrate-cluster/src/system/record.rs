use std::path::Path;
use std::str::FromStr;
use std::{fs, io};

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::file::{file_error, replace};
use super::scratch;

/// A small file of lines `KEY VALUE`, which is replaced atomically. Line ends in a value are written `\n`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    lines: Vec<(String, String)>,
}

impl Record {
    /// Reads a record; `None` if there is no file.
    pub(crate) fn read(path: &Path) -> Result<Option<Record>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Record::parse(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("read", path)(error)),
        }
    }

    fn parse(text: &str) -> Record {
        let pairs = text.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
        Record { lines: pairs.map(|(key, value)| (key.to_owned(), unescape(value))).collect() }
    }

    /// Adds a line.
    pub(crate) fn with(mut self, key: &str, value: impl ToString) -> Record {
        self.lines.push((key.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.lines.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key, which must exist and be valid.
    ///
    /// # Errors
    ///
    /// `Format` at the path.
    pub(crate) fn value<T: FromStr>(&self, key: &str, path: &Path) -> Result<T> {
        self.get(key).and_then(|value| value.parse().ok()).ok_or_else(|| unclear(key, path))
    }

    /// The values of a key, separated by commas; `None` without the key.
    ///
    /// # Errors
    ///
    /// `Format` at the path.
    pub(crate) fn values<T: FromStr>(&self, key: &str, path: &Path) -> Result<Option<Vec<T>>> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let values: Option<Vec<T>> = text.split(',').map(|word| word.parse().ok()).collect();
        values.map(Some).ok_or_else(|| unclear(key, path))
    }

    /// Replaces the file atomically.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let lines = self.lines.iter().map(|(key, value)| format!("{key} {}\n", escape(value)));
        // Two processes may write at the same time.
        replace(path, &path.with_extension(scratch::random_word()), &lines.collect::<String>())
    }
}

fn unclear(key: &str, path: &Path) -> Error {
    Error::new(ErrorKind::Format, format!("the record has no valid `{key}`"))
        .at(Place::file(path.display().to_string()))
        .help("restore the file, or delete the directory that it is in")
}

fn escape(value: &str) -> String {
    value.replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r")
}

fn unescape(text: &str) -> String {
    let mut value = String::new();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (sign, sign == '\\') {
            (_, true) => value.push(match signs.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            }),
            (sign, false) => value.push(sign),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let path = std::env::temp_dir().join(format!("migrate-record-{}", std::process::id()));
        let record =
            Record::default().with("volume", 2).with("description", "a\\n\nb \r\n\\").with("empty", "");
        record.write(&path).unwrap();
        let read = Record::read(&path).unwrap().unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.value::<u32>("volume", &path).unwrap(), 2);
        assert_eq!(read.value::<u32>("empty", &path).unwrap_err().kind(), ErrorKind::Format);
        assert_eq!(Record::read(&path).unwrap(), None);
    }
}
