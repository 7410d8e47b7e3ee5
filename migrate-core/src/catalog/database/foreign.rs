/// The kinds under which [`ObjectPart::Named`](crate::catalog::ObjectPart::Named) names them.
pub(crate) const WRAPPER: &str = "foreign data wrapper";
pub(crate) const SERVER: &str = "server";
pub(crate) const USER_MAPPING: &str = "user mapping";

/// A foreign data wrapper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignDataWrapper {
    /// Who owns it.
    pub owner: String,
    /// Its handler function, qualified and quoted.
    pub handler: Option<String>,
    /// Its validator function, qualified and quoted.
    pub validator: Option<String>,
    /// Options as `name=value`, sorted.
    pub options: Vec<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A foreign server, without its user mappings, which hold passwords.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignServer {
    /// Who owns it.
    pub owner: String,
    /// Its foreign data wrapper.
    pub wrapper: String,
    /// TYPE
    pub kind: Option<String>,
    /// VERSION
    pub version: Option<String>,
    /// Options as `name=value`, sorted.
    pub options: Vec<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
}
