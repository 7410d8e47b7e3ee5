/// What an inspection looks at, and where it runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Schemas that are left out, such as the history's.
    pub leave_out: &'a [&'a str],
    /// Whether to look which tables may hold rows. The server opens each table for it, which waits for locks;
    /// otherwise each may.
    pub rows: bool,
    /// Whether to leave out what no fact speaks of, because on a new connection a query that finds nothing costs about
    /// as much as one that does: event triggers, foreign data wrappers and servers, the insides of composite and range
    /// types, and `others`.
    pub facts: bool,
    /// Whether a transaction of the caller's is open. Otherwise the inspection is one of its own, with one snapshot,
    /// and begins again where an object vanishes while the server prints it.
    pub within: bool,
}
