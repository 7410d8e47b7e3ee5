use std::fmt::{self, Display};

/// The list of an image's content, as text: a line for each directory and for each content, with tabs between the
/// names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// Each directory comes after its parent.
    pub(super) directories: Vec<String>,
    pub(super) contents: Vec<Content>,
}

/// The content of one or more files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Where it begins, in bytes after the index.
    pub(super) offset: u64,
    /// How many bytes of it are stored; the rest is zeros.
    pub(super) kept: usize,
    /// The size of the files, in bytes.
    pub(super) size: u64,
    pub(super) files: Vec<String>,
}

impl Index {
    /// `None` if the text is not an index.
    pub(super) fn parse(text: &str) -> Option<Index> {
        let mut index = Index::default();
        for line in text.lines() {
            let mut fields = line.split('\t');
            match fields.next()? {
                "directory" => index.directories.push(name(fields.next()?)?),
                "content" => {
                    let [offset, kept, size] = [fields.next()?, fields.next()?, fields.next()?];
                    let (offset, kept, size) = (offset.parse().ok()?, kept.parse().ok()?, size.parse().ok()?);
                    let files = fields.map(name).collect::<Option<Vec<_>>>()?;
                    index.contents.push(Content { offset, kept, size, files });
                }
                _ => return None,
            }
        }
        Some(index)
    }
}

/// Accepts a relative path that stays in the directory.
fn name(path: &str) -> Option<String> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(plain).then(|| path.to_owned())
}

impl Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for directory in &self.directories {
            writeln!(f, "directory\t{directory}")?;
        }
        for Content { offset, kept, size, files } in &self.contents {
            writeln!(f, "content\t{offset}\t{kept}\t{size}\t{}", files.join("\t"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_leads_out_is_not() {
        let files = vec!["base/1/2".to_owned(), "base/4/2".to_owned()];
        let contents = vec![Content { offset: 7, kept: 3, size: 8192, files }];
        let index = Index { directories: vec!["base".into(), "base/1".into()], contents };
        assert_eq!(Index::parse(&index.to_string()), Some(index));
        for wrong in
            ["directory\t..", "directory\t/etc", "content\t1\t2\t3\ta/../../b", "content\t1", "file\ta"]
        {
            assert_eq!(Index::parse(wrong), None, "{wrong}");
        }
    }
}
