/// An object of a kind that has no model of its own: the SQL that creates it, as the server's catalog says.
///
/// Among them are collations, casts, operators with their classes and families, conversions, languages, access methods,
/// transforms, text search objects, user mappings and subscriptions; and what is added to objects of others: privileges
/// on an extension's function, a security label, a dependency on an extension.
///
/// Its kind and name are the key in [`Catalog::objects`](crate::catalog::Catalog::objects). Together they name it in ALTER,
/// COMMENT and DROP: `collation` and `public.german`, `cast` and `(bigint AS public.amount)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenericObject {
    /// The statements that create it, without its owner, privileges and comment.
    pub create: Vec<String>,
    /// The statements that remove it.
    pub drop: Vec<String>,
    /// Who owns it; `None` for kinds without an owner.
    pub owner: Option<String>,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
    /// When it is created.
    pub stage: Stage,
}

/// When an object is created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// After the objects that it needs, and before those that need it.
    #[default]
    InOrder,
    /// After all tables, functions and types.
    Late,
    /// The same, and only where owners and privileges are wanted.
    Access,
}

/// `COLLATION public.german`, as ALTER, COMMENT and DROP name it.
pub(crate) fn designation(kind: &str, name: &str) -> String {
    format!("{} {name}", kind.to_uppercase())
}
