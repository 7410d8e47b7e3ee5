/// `1 row has`, `2 rows have`.
pub(crate) fn having(number: u64, what: &str) -> String {
    format!("{} {}", counted(number, what), if number == 1 { "has" } else { "have" })
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
