use super::comment::comments;
use super::script::DdlScript;
use crate::catalog::database::Publication;
use crate::text::quote;

impl DdlScript<'_> {
    pub(super) fn publications(&self) -> Vec<String> {
        let publications = self.catalog.publications.iter();
        publications.flat_map(|(name, publication)| self.publication(name, publication)).collect()
    }

    pub(in crate::catalog) fn publication(&self, name: &str, publication: &Publication) -> Vec<String> {
        let object = format!("PUBLICATION {}", quote::identifier(name));
        // PostgreSQL 14 accepts the word only once.
        let tables = publication.tables.iter().enumerate().map(|(at, table)| match at {
            0 => format!("TABLE {table}"),
            _ => table.clone(),
        });
        let schemas = publication.schemas.iter();
        let schemas = schemas.map(|schema| format!("TABLES IN SCHEMA {}", quote::identifier(schema)));
        let members: Vec<String> = tables.chain(schemas).collect();
        let members = match (publication.all_tables, members.is_empty()) {
            (true, _) => " FOR ALL TABLES".to_owned(),
            (false, true) => String::new(),
            (false, false) => format!(" FOR {}", members.join(", ")),
        };
        let (publish, root) = (quote::literal(&publication.publish), publication.via_root);
        let with = format!("WITH (publish = {publish}, publish_via_partition_root = {root})");
        let mut statements = vec![format!("CREATE {object}{members} {with}")];
        if self.access {
            statements.push(self.owner(&object, &publication.owner));
        }
        statements.extend(comments(&object, publication.comment.as_ref()));
        statements
    }
}
