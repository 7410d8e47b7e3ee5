/// Settings that change how the server prints definitions, and the values that they have while it prints for us.
///
/// With the search path `pg_catalog, pg_temp`, temporary objects never come before the server's own; with an empty path
/// they do.
pub const PRINTING: [(&str, &str); 9] = [
    ("search_path", "pg_catalog, pg_temp"),
    ("quote_all_identifiers", "off"),
    ("standard_conforming_strings", "on"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("lc_monetary", "C"),
];
