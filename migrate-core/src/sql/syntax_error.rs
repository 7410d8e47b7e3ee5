use squawk_lexer::TokenKind;

use crate::lex::{Token, tokens};
use crate::text::escape_controls;

/// Why a text is no SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// What the lexer says of a token.
    Lexer(String),
    /// What the parser says, at the end of what it took in.
    Parser(String),
    /// A backslash outside literals.
    Psql,
    /// `:name`, which psql replaces.
    Variable,
    /// A literal behind another, which no line end joins.
    Apart,
    /// An invisible character that is no white space to the server.
    Unseen(char),
    /// The parser accepts two statements without a semicolon between them; the server does not.
    Semicolon,
    TooDeep,
    GaveUp,
}

/// A problem as a person who knows PostgreSQL's messages reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) note: Option<String>,
    pub(crate) help: Option<&'static str>,
}

/// How much of a token a message shows.
const SHOWN: usize = 40;

impl SyntaxError {
    pub(crate) fn new(text: &str, offset: usize, problem: Problem) -> SyntaxError {
        let plain =
            |message: &str, help| SyntaxError { offset, message: message.to_owned(), note: None, help };
        match problem {
            Problem::Parser(message) => unexpected(text, offset, &message),
            Problem::Lexer(message) => {
                let open = ["missing trailing", "unterminated"]
                    .iter()
                    .any(|word| lowercase(&message).starts_with(word));
                let help = "a quote or comment ends as it began; a quote within is doubled";
                plain(&lowercase(&message), open.then_some(help))
            }
            Problem::Psql => plain(
                "psql commands are not SQL",
                Some("only `psql` understands a command that begins with `\\`: write plain SQL"),
            ),
            Problem::Variable => plain(
                "psql variables are not SQL",
                Some("only `psql` replaces a word that begins with `:`: write the value"),
            ),
            Problem::Apart => {
                let literal = tokens(text.get(offset..).unwrap_or_default()).next();
                let message = at_or_near(literal.map_or("", |literal| literal.text));
                let help = "two literals are joined only if there is a line end between them";
                SyntaxError { offset, message, note: None, help: Some(help) }
            }
            Problem::Unseen(character) => SyntaxError {
                offset,
                message: format!("the text has an invisible character: {}", named(character)),
                note: None,
                help: Some("remove it: two files were put together, or it was copied from a page"),
            },
            Problem::Semicolon => {
                plain("a semicolon is missing between two statements", Some("end the first of them with `;`"))
            }
            Problem::TooDeep => plain(
                "the statement nests too deep",
                Some(
                    "at most 500 levels, and 100000 words without a comma: PostgreSQL gives up not far above (`max_stack_depth`)",
                ),
            ),
            Problem::GaveUp => {
                plain("the SQL parser gave up on this text", Some("please report it as a bug"))
            }
        }
    }
}

/// The server names the token that it can't accept; the parser points behind the last one that it accepted.
fn unexpected(text: &str, offset: usize, message: &str) -> SyntaxError {
    let rest = text.get(offset..).unwrap_or_default();
    // Of a command in two words the server accepts the first.
    let is_first = |word: &Token<'_>| {
        message.starts_with("expected command") && FIRST.iter().any(|first| word.is(first))
    };
    let token = tokens(rest).find(|token| !token.is_trivia() && !is_first(token));
    let note = Some(expectation(message));
    match token {
        Some(token) if let Some(character) = token.text.chars().find(|c| is_unseen(*c)) => {
            let within = token.text.find(character).unwrap_or_default();
            SyntaxError::new(text, offset + token.start + within, Problem::Unseen(character))
        }
        Some(token) => {
            SyntaxError { offset: offset + token.start, message: at_or_near(token.text), note, help: None }
        }
        None => SyntaxError { offset, message: "syntax error at end of input".to_owned(), note, help: None },
    }
}

/// Those within names: nothing is wrong with them to the server, which then finds no table of that name.
pub(crate) fn unseen(text: &str) -> impl Iterator<Item = SyntaxError> {
    // Some scripts join and part letters by others.
    let is_unseen = |c: &char| {
        !c.is_ascii() && (c.is_whitespace() || ['\u{feff}', '\u{200b}', '\u{2060}', '\u{ad}'].contains(c))
    };
    let names = tokens(text).filter(|token| token.kind == TokenKind::Ident);
    names.filter_map(move |name| {
        let (within, character) = name.text.char_indices().find(|(_, c)| is_unseen(c))?;
        Some(SyntaxError::new(text, name.start + within, Problem::Unseen(character)))
    })
}

/// Characters of white space and none, which the server takes for letters.
fn is_unseen(c: char) -> bool {
    !c.is_ascii() && (c.is_whitespace() || escape_controls(c.encode_utf8(&mut [0; 4])) != c.to_string())
}

fn named(c: char) -> String {
    let name = match c {
        '\u{feff}' => " (byte order mark)",
        '\u{a0}' => " (no-break space)",
        '\u{200b}' => " (zero-width space)",
        _ => "",
    };
    format!("U+{:04X}{name}", u32::from(c))
}

fn at_or_near(word: &str) -> String {
    let shown: String = word.lines().next().unwrap_or_default().chars().take(SHOWN).collect();
    format!("syntax error at or near `{shown}`")
}

/// Words that begin a command and are none.
const FIRST: [&str; 3] = ["CREATE", "ALTER", "DROP"];

/// The parser's own words, without what it found and with tokens as one writes them.
fn expectation(message: &str) -> String {
    let end = [", found", ", got"].iter().filter_map(|found| message.find(found)).min();
    let kept = message.get(..end.unwrap_or(message.len())).unwrap_or(message);
    let kept = kept.replace("path name", "name").replace("expected name", "expected a name");
    lowercase(&kept.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

fn word(word: &str) -> String {
    let name = word.trim_end_matches(',');
    let comma = word.get(name.len()..).unwrap_or_default();
    let token = TOKENS.iter().find(|(kind, _)| *kind == name).map(|(_, token)| (*token).to_owned());
    let keyword = || name.strip_suffix("_KW").map(|keyword| format!("`{keyword}`"));
    token.or_else(keyword).map_or_else(|| word.to_owned(), |token| token + comma)
}

const TOKENS: [(&str, &str); 14] = [
    ("L_PAREN", "`(`"),
    ("R_PAREN", "`)`"),
    ("L_BRACK", "`[`"),
    ("R_BRACK", "`]`"),
    ("COMMA", "`,`"),
    ("SEMICOLON", "`;`"),
    ("DOT", "`.`"),
    ("EQ", "`=`"),
    ("COLON", "`:`"),
    ("COLON_EQ", "`:=`"),
    ("FAT_ARROW", "`=>`"),
    ("IDENT", "a name"),
    ("STRING", "a string"),
    ("command", "a command, such as `CREATE TABLE` or `INSERT`"),
];

fn lowercase(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::sql::Script;

    fn check(text: &str, at: &str, message: &str, note: &str) {
        let errors = Script::parse(text).errors;
        let seen: Vec<_> = errors
            .iter()
            .map(|error| {
                (text.get(error.offset..).unwrap(), &*error.message, error.note.as_deref().unwrap_or(""))
            })
            .collect();
        assert_eq!(seen, [(at, message, note)], "{text}");
    }

    #[test]
    fn a_character_that_is_not_seen_is_named() {
        for (text, offset, name) in [
            ("SELECT 1;\n\u{feff}CREATE TABLE t (id int);", 10, "U+FEFF (byte order mark)"),
            ("SELECT 1;\u{feff}", 9, "U+FEFF (byte order mark)"),
            ("CREATE\u{a0}TABLE t (id int);", 6, "U+00A0 (no-break space)"),
            ("\u{200b}CREATE TABLE t (id int);", 0, "U+200B (zero-width space)"),
        ] {
            let errors = crate::sql::script::Script::parse(text).errors;
            let first = errors.first().unwrap_or_else(|| panic!("{text:?} parses"));
            let message = format!("the text has an invisible character: {name}");
            assert_eq!((first.offset, first.message.as_str()), (offset, message.as_str()), "{text:?}");
        }
        for text in ["SELECT '\u{a0}\u{feff}'", "SELECT 1 -- \u{a0}\n", "SELECT größe FROM \"a\u{a0}b\""] {
            assert!(crate::sql::script::Script::parse(text).errors.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_character_that_is_not_seen_is_found_in_a_name() {
        for (text, offset) in [
            ("DROP TABLE IF EXISTS a\u{a0};", 22),
            ("INSERT INTO a\u{200b} VALUES (1)", 13),
            ("SELECT 1 AS \u{feff}x", 12),
        ] {
            let found: Vec<usize> = super::unseen(text).map(|error| error.offset).collect();
            assert_eq!(found, [offset], "{text:?}");
        }
        let fine = "SELECT '\u{a0}', \"a\u{a0}b\", $$ x\u{feff} $$, größe, می\u{200c}خواهم -- \u{a0}\n";
        assert_eq!(super::unseen(fine).count(), 0);
    }

    #[test]
    fn a_syntax_error_is_told_as_the_server_tells_it() {
        let command = "expected a command, such as `CREATE TABLE` or `INSERT`";
        check("DROP TABL study;", "TABL study;", "syntax error at or near `TABL`", command);
        check(
            "SELECT 1;
CREAT TABLE a();",
            "CREAT TABLE a();",
            "syntax error at or near `CREAT`",
            command,
        );
        check("CREATE TABLE a(;", ";", "syntax error at or near `;`", "expected `)`");
        check(
            "SELECT 1 +
-- more
;",
            ";",
            "syntax error at or near `;`",
            "expected an expression",
        );
        check("SELECT (1", "", "syntax error at end of input", "expected `,`");
    }

    #[test]
    fn psql_variables_are_no_sql_and_other_colons_are() {
        check("SELECT :var;", ":var;", "psql variables are not SQL", "");
        check("SELECT 1 WHERE id=:'id';", ":'id';", "psql variables are not SQL", "");
        for text in [
            "SELECT a[1:n], a[:n] FROM t;",
            "SELECT json_object('a':b, name:c, d : e);",
            "SELECT a::text, ':var', $$ :var $$, \"a:b\"; -- :var",
        ] {
            assert_eq!(Script::parse(text).errors, [], "{text}");
        }
    }

    #[test]
    fn what_the_lexer_refuses_is_told_where_it_begins() {
        let string = "missing trailing `'` symbol to terminate the string literal";
        check(
            "SELECT 'it;
",
            "'it;\n",
            string,
            "",
        );
        check("SELECT $a$ $b$;", "$a$ $b$;", "unterminated dollar quoted string literal", "");
        check(
            "SELECT 1; /* a /* b */",
            "/* a /* b */",
            "missing trailing `*/` symbols to terminate the block comment",
            "",
        );
    }

    #[test]
    fn only_what_has_no_end_is_told_that_it_has_to_end() {
        let help = |text: &str| Script::parse(text).errors.first().unwrap().help;
        assert_eq!(help("SELECT B'2';"), None);
        assert_eq!(help("SELECT $1$;"), None);
        assert_eq!(help("CREATE TABLE \"\" (a int);"), None);
        assert!(
            help("SELECT E'it;").is_some() && help("SELECT $a$;").is_some() && help("SELECT \"a;").is_some()
        );
    }
}
