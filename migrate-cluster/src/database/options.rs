use embed_migrate_core::quote;

/// The options of a new database. An option that is not set is taken from the template.
///
/// ```
/// use embed_migrate_cluster::DatabaseOptions;
///
/// let options = DatabaseOptions::new().owner("ann").encoding("UTF8").locale("C.UTF-8").collation("C").restricted();
/// ```
#[derive(Debug, Clone, Default)]
pub struct DatabaseOptions {
    pub(crate) owner: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) collation: Option<String>,
    pub(crate) restricted: bool,
}

impl DatabaseOptions {
    /// No options: a copy of `template1`, owned by the role that creates it.
    pub fn new() -> DatabaseOptions {
        DatabaseOptions::default()
    }

    /// Sets the owner.
    pub fn owner(mut self, owner: impl Into<String>) -> DatabaseOptions {
        self.owner = Some(owner.into());
        self
    }

    /// Sets the template. The default is `template1`, or `template0` if an encoding, locale or collation is set,
    /// since PostgreSQL accepts these only with `template0`.
    pub fn template(mut self, template: impl Into<String>) -> DatabaseOptions {
        self.template = Some(template.into());
        self
    }

    /// Sets the encoding: `UTF8`, `LATIN1`.
    pub fn encoding(mut self, encoding: impl Into<String>) -> DatabaseOptions {
        self.encoding = Some(encoding.into());
        self
    }

    /// Sets the locale, one of the operating system: `C`, `de_DE.UTF-8`.
    pub fn locale(mut self, locale: impl Into<String>) -> DatabaseOptions {
        self.locale = Some(locale.into());
        self
    }

    /// Sets the collation, if it differs from the locale's.
    pub fn collation(mut self, collation: impl Into<String>) -> DatabaseOptions {
        self.collation = Some(collation.into());
        self
    }

    /// Revokes the right to connect that PostgreSQL grants to everybody, see [`Database::restrict`].
    ///
    /// [`Database::restrict`]: crate::Database::restrict
    pub fn restricted(mut self) -> DatabaseOptions {
        self.restricted = true;
        self
    }

    /// The options in the syntax of `CREATE DATABASE`.
    pub(crate) fn sql(&self) -> String {
        let changed = self.encoding.is_some() || self.locale.is_some() || self.collation.is_some();
        let template = self.template.as_deref().or(changed.then_some("template0"));
        let owner = self.owner.as_deref();
        let collation = self.collation.as_ref().or(self.locale.as_ref());
        [
            owner.map(|owner| format!(" OWNER {}", quote::identifier(owner))),
            template.map(|template| format!(" TEMPLATE {}", quote::identifier(template))),
            self.encoding.as_ref().map(|encoding| format!(" ENCODING {}", quote::literal(encoding))),
            // Not LOCALE: up to PostgreSQL 14 it can't be combined with LC_COLLATE.
            collation.map(|collation| format!(" LC_COLLATE {}", quote::literal(collation))),
            self.locale.as_ref().map(|locale| format!(" LC_CTYPE {}", quote::literal(locale))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_sent() {
        assert_eq!(DatabaseOptions::new().sql(), "");
        assert_eq!(
            DatabaseOptions::new().owner("a\"b").locale("C").sql(),
            " OWNER \"a\"\"b\" TEMPLATE \"template0\" LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        assert_eq!(
            DatabaseOptions::new().template("t").collation("x'y").sql(),
            " TEMPLATE \"t\" LC_COLLATE 'x''y'"
        );
    }
}
