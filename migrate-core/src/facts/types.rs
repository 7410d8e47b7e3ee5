/// The type of a column.
///
/// The bare words mean what they mean in `rex.deploy`: `integer` is `bigint` and `json` is `jsonb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `boolean`
    Boolean,
    /// `integer`: `bigint`
    Integer,
    /// `integer-int4`: `integer`
    Int4,
    /// `decimal`: `numeric`
    Decimal,
    /// `float`: `double precision`
    Float,
    /// `text`
    Text,
    /// `date`
    Date,
    /// `time`: `time without time zone`
    Time,
    /// `datetime`: `timestamp without time zone`
    Datetime,
    /// `json`: `jsonb`
    Json,
    /// `json-json`: `json`
    JsonJson,
    /// A list of labels: an enum type of the column's own.
    Enum(Vec<String>),
    /// Any other PostgreSQL type, as written.
    Sql(String),
}
