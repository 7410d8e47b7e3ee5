use std::ops::Range;

/// What follows a name that announces a password.
pub(super) struct Scan<'a> {
    text: &'a str,
    name: Range<usize>,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, name: Range<usize>) -> Scan<'a> {
        Scan { text, at: name.end, name }
    }

    /// The ranges of the values, without their quotes: one value, all arguments if the name is a function's, or none.
    pub(super) fn values(mut self) -> Vec<Range<usize>> {
        // `"app.secret"`, and `'app.secret'` as an argument.
        let quoted = self.closing_quote();
        let name = self.at;
        self.skip_space();
        if !quoted && self.rest().starts_with('(') {
            return literals(self.text, self.at..self.closing_parenthesis());
        }
        let assigned = self.skip_assignment(quoted);
        let sign = self.at;
        self.skip_space();
        if let Some((value, end)) = self.literal().filter(|_| assigned || !self.is_joined()) {
            return [value].into_iter().chain(self.continued(end)).collect();
        }
        // As a connection string has it, without blanks around the sign.
        let tight = sign == self.at && sign == name + 1;
        if assigned { self.bare(tight).into_iter().collect() } else { Vec::new() }
    }

    /// Whether the value is elsewhere in the statement: it is put together from parts, or the name is one of a list
    /// of columns.
    pub(super) fn stands_apart(mut self) -> bool {
        self.skip_space();
        let rest = self.rest();
        let placeholder = |c: char| c == '%' || c == '$';
        let dollar =
            rest.strip_prefix('$').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        (rest.starts_with(placeholder) && !dollar) || self.is_joined() || self.is_column()
    }

    /// Whether the name ends a literal, and something is joined to that.
    fn is_joined(&self) -> bool {
        let before = self.text.get(..self.name.start).unwrap_or_default();
        let within = before.bytes().filter(|byte| *byte == b'\'').count() % 2 == 1;
        within
            && self.rest().strip_prefix('\'').is_some_and(|rest| {
                let rest = rest.trim_start_matches('\'').trim_start();
                rest.starts_with("||") || rest.starts_with([',', ')'])
            })
    }

    /// Whether it is in the list of columns of an INSERT or COPY.
    fn is_column(&self) -> bool {
        let rest = self.rest().strip_prefix('"').unwrap_or(self.rest()).trim_start();
        let before = self.text.get(..self.name.start).unwrap_or_default();
        rest.starts_with([',', ')']) && has_word(before, "insert")
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over the quote that ends the name, if one began it.
    fn closing_quote(&mut self) -> bool {
        let before = self.text.get(..self.name.start).and_then(|text| text.chars().next_back());
        let quote = before.filter(|c| matches!(c, '"' | '\'')).filter(|c| self.rest().starts_with(*c));
        self.at += quote.map_or(0, char::len_utf8);
        quote.is_some()
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let skipped = match trimmed {
                text if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
                text if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
                _ => 0,
            };
            self.at += rest.len() - trimmed.len() + skipped;
            if skipped == 0 {
                return;
            }
        }
    }

    /// `=`, `:=`, `=>`, `:` or `TO`; a comma after a quoted name.
    fn skip_assignment(&mut self, quoted: bool) -> bool {
        let rest = self.rest();
        let is_to = rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("to"))
            && !rest.get(2..).unwrap_or_default().starts_with(is_of_name);
        let length = match rest {
            rest if rest.starts_with("=>") || rest.starts_with(":=") => 2,
            rest if rest.starts_with('=') => 1,
            rest if quoted && rest.starts_with([':', ',']) => 1,
            _ if is_to => 2,
            _ => 0,
        };
        self.at += length;
        length > 0
    }

    /// A literal, whatever its quotes, and where it ends: the quotes of one within a literal are doubled or have
    /// backslashes.
    fn literal(&self) -> Option<(Range<usize>, usize)> {
        let rest = self.rest();
        let prefix = ["U&", "u&", "E", "e", "N", "n"]
            .into_iter()
            .find(|prefix| rest.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('\'')));
        opened(self.text, self.at + prefix.map_or(0, str::len))
    }

    /// The literals of the next lines that the server joins to one that ends here.
    fn continued(&self, mut end: usize) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        loop {
            let rest = self.text.get(end..).unwrap_or_default();
            let space = rest.len() - rest.trim_start().len();
            let joined = rest.get(..space).is_some_and(|space| space.contains(['\n', '\r']));
            let next =
                opened(self.text, end + space).filter(|_| joined && rest.trim_start().starts_with('\''));
            let Some((value, after)) = next else { return ranges };
            ranges.push(value);
            end = after;
        }
    }

    /// A value without quotes, as connection strings have them, unless it is an expression of SQL.
    fn bare(&self, tight: bool) -> Option<Range<usize>> {
        let rest = self.rest();
        let before = self.text.get(..self.name.start).unwrap_or_default().trim_end();
        let semicolons = !tight || before.ends_with(';');
        let ends = |c: char| match c {
            '\'' | '"' | '`' => true,
            ';' => semicolons,
            '&' | ',' | '(' | ')' => !tight,
            c => c.is_whitespace(),
        };
        let length = rest.find(ends).unwrap_or(rest.len());
        let (value, after) = rest.split_at_checked(length)?;
        let keyword = KEYWORDS.iter().any(|word| value.eq_ignore_ascii_case(word));
        let parameter = value
            .strip_prefix('$')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()));
        if keyword || parameter || (!tight && after.starts_with('(')) {
            return None;
        }
        Some(self.at..self.at + length + further(after))
    }

    fn closing_parenthesis(&self) -> usize {
        let mut depth = 0_usize;
        for (at, c) in self.rest().char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return self.at + at;
            }
        }
        self.text.len()
    }
}

/// How much of what follows a value is of it too: a connection string in quotes has words that are no parameter if a
/// password with blanks was written without quotes of its own.
fn further(after: &str) -> usize {
    let Some(end) = after.find(|c: char| "'\"`\n".contains(c) || c == ';').filter(|end| *end > 0) else {
        return 0;
    };
    let within = after.get(..end).unwrap_or_default();
    let parameter =
        within.match_indices('=').next().and_then(|(at, _)| within.get(..at)?.trim_end().rfind(' '));
    match after.get(end..).is_some_and(|rest| rest.starts_with(['\'', '"', '`'])) {
        true => parameter.unwrap_or(end),
        false => 0,
    }
}

const KEYWORDS: [&str; 3] = ["null", "default", ""];

/// The literals in a part of a text, without their quotes. The text between dollars may be code, whose own literals
/// they are then.
pub(super) fn literals(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = within.start;
    while let Some(length) = text.get(at..within.end).and_then(|rest| rest.find('\'')) {
        let begin = at + length;
        let Some((value, end)) = opened(text, begin) else { break };
        ranges.push(value);
        at = end.max(begin + 1);
    }
    ranges
}

/// The literal whose quotes begin here: its content and its end.
fn opened(text: &str, begin: usize) -> Option<(Range<usize>, usize)> {
    let rest = text.get(begin..)?;
    let quote = quote(rest)?;
    let start = begin + quote.len();
    let inner = text.get(start..)?;
    let length = match quote {
        // Twice the quote is a quote in it.
        "'" => single(inner),
        quote => inner.find(quote).unwrap_or(inner.len()),
    };
    Some((start..start + length, (start + length + quote.len()).min(text.len())))
}

/// The length of a literal in single quotes, which are doubled in it or have backslashes.
fn single(inner: &str) -> usize {
    let mut characters = inner.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\'' if characters.next_if(|(_, next)| *next == '\'').is_none() => return at,
            _ => {}
        }
    }
    inner.len()
}

/// What a literal opens with. Two quotes in a row open one within a literal, unless nothing is in them.
fn quote(rest: &str) -> Option<&str> {
    let run = rest.len() - rest.trim_start_matches('\'').len();
    match run {
        0 if rest.starts_with("\\'") => rest.get(..2),
        0 if rest.starts_with('"') => rest.get(..1),
        0 if rest.starts_with('$') => dollars(rest),
        0 => None,
        run if run % 2 == 0 && is_closed(rest, run) => rest.get(..run),
        _ => rest.get(..1),
    }
}

/// Whether what a run of quotes opens is closed by as many.
fn is_closed(rest: &str, run: usize) -> bool {
    let (quotes, inner) = rest.split_at_checked(run).unwrap_or((rest, ""));
    inner.starts_with(is_of_secret) && inner.contains(quotes)
}

fn is_of_secret(c: char) -> bool {
    !c.is_whitespace() && !",;)".contains(c)
}

/// `$$` or `$tag$`.
fn dollars(rest: &str) -> Option<&str> {
    let end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(1..end - 1)?;
    let is_tag = !tag.starts_with(|c: char| c.is_ascii_digit())
        && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_tag { rest.get(..end) } else { None }
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !is_of_name(c)).any(|found| found.eq_ignore_ascii_case(word))
}

/// Whether a character may be of a name, or of a setting's, which has dots.
pub(super) fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}
