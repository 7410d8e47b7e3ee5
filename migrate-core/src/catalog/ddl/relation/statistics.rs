use crate::catalog::ddl::comment::comments;
use crate::catalog::ddl::script::DdlScript;
use crate::catalog::namespace::Oid;
use crate::catalog::statistics::Statistics;

impl DdlScript<'_> {
    pub(in crate::catalog) fn table_statistics(&self, table: Oid) -> Vec<String> {
        let mut own: Vec<&Statistics> =
            self.catalog.statistics.values().filter(|statistics| statistics.table == table).collect();
        own.sort_by_key(|statistics| &statistics.name);
        own.into_iter().flat_map(|statistics| self.statistics(statistics)).collect()
    }

    pub(in crate::catalog) fn statistics(&self, statistics: &Statistics) -> Vec<String> {
        let object = format!("STATISTICS {}", statistics.name.quoted());
        let mut statements = vec![statistics.definition.clone()];
        if self.access {
            statements.push(self.owner(&object, &statistics.owner));
        }
        if statistics.target.is_some() {
            statements.push(set_target(statistics));
        }
        statements.extend(comments(&object, statistics.comment.as_ref()));
        statements
    }
}

pub(in crate::catalog) fn set_target(statistics: &Statistics) -> String {
    format!(
        "ALTER STATISTICS {} SET STATISTICS {}",
        statistics.name.quoted(),
        statistics.target.unwrap_or(-1)
    )
}
