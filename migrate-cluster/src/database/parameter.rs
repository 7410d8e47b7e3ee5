use embed_migrate_core::quote;

/// The parameters whose value is a list of names, each quoted if necessary (`GUC_LIST_QUOTE` in PostgreSQL's
/// `guc_tables.c`). As one string, the list would be one name.
const LISTS: [&str; 7] = [
    "local_preload_libraries",
    "oauth_validator_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// Turns `name=value`, as the catalog stores it, into a `SET` clause.
pub(super) fn setting(entry: &str) -> Option<String> {
    let (name, value) = entry.split_once('=')?;
    let value = match LISTS.contains(&name.to_lowercase().as_str()) {
        true => names(value).iter().map(|name| quote::literal(name)).collect::<Vec<_>>().join(", "),
        false => quote::literal(value),
    };
    let value = if value.is_empty() { "''".to_owned() } else { value };
    let name = name.split('.').map(quote::identifier).collect::<Vec<_>>().join(".");
    Some(format!("SET {name} TO {value}"))
}

/// Splits a list of names as PostgreSQL's `SplitGUCList` does.
fn names(list: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = rest.find([',', ' ', '\t', '\n']).unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default().to_owned(), rest.get(end..).unwrap_or_default())
            }
        };
        names.push(name);
        rest = after.trim_start_matches([',', ' ', '\t', '\n']);
    }
    names
}

/// A name up to its closing quote, and the text after it.
fn unquoted(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return (name, after),
        }
    }
    (name + rest, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_stays_a_list_and_a_text_a_text() {
        for (entry, sql) in [
            (
                r#"search_path="$user", public, "a ""b"", c""#,
                r#"SET "search_path" TO '$user', 'public', 'a "b", c'"#,
            ),
            (r#"search_path="""#, r#"SET "search_path" TO ''"#),
            ("search_path=", r#"SET "search_path" TO ''"#),
            ("search_path=x;drop/**/database/**/y", r#"SET "search_path" TO 'x;drop/**/database/**/y'"#),
            ("app.greeting=it's a=b, c", r#"SET "app"."greeting" TO 'it''s a=b, c'"#),
            ("DateStyle=ISO, DMY", r#"SET "DateStyle" TO 'ISO, DMY'"#),
        ] {
            assert_eq!(setting(entry).unwrap(), sql);
        }
        assert_eq!(setting("nothing"), None);
    }
}
