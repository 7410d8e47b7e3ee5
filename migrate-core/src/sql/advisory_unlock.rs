use super::function_calls::calls;

/// The functions that release a session's lock, such as the one under which a patch runs.
const UNLOCK: [&str; 2] = ["pg_advisory_unlock_all", "pg_advisory_unlock"];

/// The place of a call of such a function in a statement, and the function. Strings count if the statement runs them.
pub(crate) fn find(text: &str, runs_strings: bool) -> Option<(usize, &'static str)> {
    calls(text, &UNLOCK, runs_strings).first().map(|call| (call.start, call.name))
}

#[cfg(test)]
mod tests {
    use super::find;

    fn check(text: &str, at: Option<&str>) {
        let found = find(text, text.starts_with("DO")).map(|(offset, _)| &text[offset..]);
        assert_eq!(found, at, "{text}");
    }

    #[test]
    fn a_call_is_found_and_a_mention_is_none() {
        check("SELECT pg_advisory_unlock_all();", Some("pg_advisory_unlock_all();"));
        check("SELECT pg_catalog.PG_Advisory_Unlock /* a */ (1);", Some("PG_Advisory_Unlock /* a */ (1);"));
        check("SELECT \"pg_advisory_unlock\"(1);", Some("\"pg_advisory_unlock\"(1);"));
        check(
            "DO $a$ BEGIN PERFORM pg_advisory_unlock(1); END $a$;",
            Some("pg_advisory_unlock(1); END $a$;"),
        );
        check("SELECT 'pg_advisory_unlock(1)', $$ pg_advisory_unlock(1) $$ -- pg_advisory_unlock(1)", None);
        check("SELECT pg_advisory_unlock FROM pg_advisory_unlock_all;", None);
        check("SELECT pg_advisory_unlock_shared(1), pg_advisory_xact_lock(1);", None);
    }
}
