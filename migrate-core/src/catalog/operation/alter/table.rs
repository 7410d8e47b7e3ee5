use super::alteration::{Alteration, alter_comment};
use crate::catalog::ddl::{
    alter, changed_options, force_row_security, parameter, parameters, row_security, set_target, table_word,
};
use crate::catalog::difference::is_same;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::operation::graph::columns;
use crate::catalog::operation::operation::Action;
use crate::catalog::operation::transition::Transition;
use crate::catalog::table::{Relation, Table};
use crate::text::quote;

impl Transition<'_> {
    pub(super) fn alter_table(&self, name: &QualifiedName) -> Option<Vec<Alteration>> {
        let (was, is) = self.tables(name)?;
        let named = format!("{} {}", table_word(is), name.quoted());
        let mut statements = self.alter_relation(was, is);
        if was.unlogged != is.unlogged {
            let word = if is.unlogged { "UNLOGGED" } else { "LOGGED" };
            statements.push(format!("{} SET {word}", alter(is)));
        }
        statements.extend(alter_parameters(&format!("ALTER {named}"), &was.options, &is.options));
        if was.tablespace != is.tablespace {
            let space = quote::identifier(is.tablespace.as_deref().unwrap_or("pg_default"));
            statements.push(format!("ALTER {named} SET TABLESPACE {space}"));
        }
        // Before PostgreSQL 15 the access method can't be changed.
        if was.access_method != is.access_method && self.to.catalog().server >= 150_000 {
            let method = quote::identifier(is.access_method.as_deref().unwrap_or("heap"));
            statements.push(format!("ALTER {named} SET ACCESS METHOD {method}"));
        }
        if was.row_security.0 != is.row_security.0 {
            statements.push(row_security(is));
        }
        if was.row_security.1 != is.row_security.1 {
            statements.push(force_row_security(is));
        }
        let mut all = vec![Alteration::of(statements)];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(self.alter_table_grants(was, is));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }

    fn alter_relation(&self, was: &Table, is: &Table) -> Vec<String> {
        match (&was.relation, &is.relation) {
            (Relation::View { query }, Relation::View { query: now }) if !is_same(query, now) => {
                vec![self.to.ddl.view(is).replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)]
            }
            (Relation::Foreign { options, .. }, Relation::Foreign { options: now, .. }) if options != now => {
                let changes = changed_options(now, options);
                vec![format!("ALTER FOREIGN TABLE {} OPTIONS ({changes})", is.name.quoted())]
            }
            _ => Vec::new(),
        }
    }

    /// Revoking a privilege on a table revokes it on its columns too.
    fn alter_table_grants(&self, was: &Table, is: &Table) -> Alteration {
        let mut alteration = self.alter_grants(&self.to.ddl.table_grants(is), (&was.grants, &is.grants));
        if !alteration.statements.is_empty() {
            let kept = columns(was);
            for column in is.columns.values().filter(|column| kept.contains_key(column.name.as_str())) {
                let grants = self.to.ddl.column_grants(is, column);
                alteration.statements.extend(grants.statements(column.grants.as_ref(), false));
            }
        }
        Alteration { action: Action::Grant, ..alteration }
    }

    pub(super) fn alter_statistics(&self, name: &QualifiedName) -> Option<Vec<Alteration>> {
        let (was, is) = (*self.from.statistics.get(name)?, *self.to.statistics.get(name)?);
        let named = format!("STATISTICS {}", name.quoted());
        let target = (was.target != is.target).then(|| set_target(is));
        let mut all = vec![Alteration::of(target.into_iter().collect())];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }
}

/// Sets what is new or different among storage parameters, and resets what is gone.
pub(super) fn alter_parameters(alter: &str, was: &[String], is: &[String]) -> Vec<String> {
    let set: Vec<String> = is.iter().filter(|option| !was.contains(option)).cloned().collect();
    let name = |option: &str| option.split_once('=').map_or(option, |(name, _)| name).to_owned();
    let kept: Vec<String> = is.iter().map(|option| name(option)).collect();
    let gone = was.iter().map(|option| name(option)).filter(|name| !kept.contains(name));
    let gone: Vec<String> = gone.map(|name| parameter(&name)).collect();
    let set = (!set.is_empty()).then(|| format!("{alter} SET ({})", parameters(&set)));
    let reset = (!gone.is_empty()).then(|| format!("{alter} RESET ({})", gone.join(", ")));
    set.into_iter().chain(reset).collect()
}
