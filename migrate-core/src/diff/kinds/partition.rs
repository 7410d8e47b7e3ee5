use crate::catalog::{Oid, Partition, Relation, RowPresence, Table};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::probe;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::PartitionFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn partition(&mut self, fact: &PartitionFact) -> Result<(), Interruption> {
        let name = self.name(&fact.partition);
        let found = self.find(&name);
        if !fact.present {
            return match found {
                Some(oid) => self.drop_table(oid, fact.irreversible),
                None => Ok(()),
            };
        }
        let Some(values) = &fact.values else { return Ok(()) };
        let parent = self.require_table(&fact.of)?;
        let Relation::Table { partitioned_by: Some(_), .. } = self.table_at(parent)?.relation else {
            let message = format!("table `{}` is not partitioned", fact.of);
            let error = self.problem(ErrorKind::Missing, message);
            return Err(error.help("say how in its fact: `partition_by: range (COLUMN)`").into());
        };
        let bound = bound(values);
        match found {
            None => self.create_partition(parent, fact, bound),
            Some(oid) => self.keep_partition(oid, parent, fact, bound),
        }
    }

    fn create_partition(
        &mut self,
        parent: Oid,
        fact: &PartitionFact,
        bound: String,
    ) -> Result<(), Interruption> {
        self.require_created(parent)?;
        let (name, above) = (self.name(&fact.partition), self.table_at(parent)?);
        let divided = fact.partition_by.as_ref().map(|by| format!(" PARTITION BY {by}"));
        let sql = format!(
            "CREATE TABLE {} PARTITION OF {} {bound}{}",
            name.quoted(),
            above.name.quoted(),
            divided.unwrap_or_default()
        );
        let table = Table {
            name: name.clone(),
            relation: Relation::Table {
                partitioned_by: fact.partition_by.clone(),
                partition: Some(Partition { of: parent, bound }),
            },
            columns: above.columns.clone(),
            rows: RowPresence::None,
            ..Table::default()
        };
        let object = format!("{}.{}", name.schema, name.name);
        self.push(ChangeAction::Create, object, sql, &[ChangeHazard::Locks]);
        let oid = self.planned_oid();
        self.catalog.tables.insert(oid, table);
        self.names.table(name, oid);
        Ok(())
    }

    fn keep_partition(
        &mut self,
        oid: Oid,
        parent: Oid,
        fact: &PartitionFact,
        bound: String,
    ) -> Result<(), Interruption> {
        let table = self.table_at(oid)?.clone();
        let Relation::Table { partitioned_by, partition } = &table.relation else {
            let message = format!("`{}` is not a table", fact.partition);
            return Err(self
                .problem(ErrorKind::Pending, message)
                .help("give the partition another label")
                .into());
        };
        self.keep_partitioning(oid, fact.partition_by.as_deref(), partitioned_by.as_deref())?;
        match partition {
            Some(partition) if partition.of != parent => {
                let message = format!("`{}` is a partition of another table", fact.partition);
                let error = self.problem(ErrorKind::Pending, message);
                return Err(error
                    .help("detach it there with a patch, or give this one another label")
                    .into());
            }
            Some(partition) if self.same_bound(parent, &partition.bound, &bound)? => return Ok(()),
            Some(_) => self.attach(oid, parent, &bound, true)?,
            None => self.attach(oid, parent, &bound, false)?,
        }
        if let Some(Relation::Table { partition, .. }) =
            self.catalog.tables.get_mut(&oid).map(|table| &mut table.relation)
        {
            *partition = Some(Partition { of: parent, bound });
        }
        self.mark_outdated();
        Ok(())
    }

    /// Attaches a table, after it is detached if it is a partition.
    fn attach(&mut self, oid: Oid, parent: Oid, bound: &str, detach: bool) -> Result<(), Interruption> {
        let (name, above) = (self.table_at(oid)?.name.quoted(), self.table_at(parent)?.name.quoted());
        let mut sql = Vec::new();
        if detach {
            sql.push(format!("ALTER TABLE {above} DETACH PARTITION {name}"));
        }
        sql.push(format!("ALTER TABLE {above} ATTACH PARTITION {name} {bound}"));
        let hazards = [ChangeHazard::Locks, ChangeHazard::Scans];
        self.record(oid, "", sql.join(";\n"), ChangeAction::Alter, &hazards);
        Ok(())
    }

    /// Whether two bounds are the same, as the server prints them.
    fn same_bound(&self, parent: Oid, printed: &str, bound: &str) -> Result<bool, Interruption> {
        if squeezed(printed) == squeezed(bound) {
            return Ok(true);
        }
        let above = self.table_at(parent)?;
        let Relation::Table { partitioned_by: Some(by), .. } = &above.relation else { return Ok(false) };
        let probe = probe(&above.name.schema);
        let part = format!("{}.migrate_probe_part", quote::identifier(&above.name.schema));
        let setup = vec![
            format!("CREATE TABLE {probe} (LIKE {}) PARTITION BY {by}", above.name.quoted()),
            format!("CREATE TABLE {part} PARTITION OF {probe} {bound}"),
        ];
        let query = format!(
            "SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) FROM pg_catalog.pg_class AS c \
             WHERE c.oid = {}::pg_catalog.regclass",
            quote::literal(&part)
        );
        match self.ask(Question::Printed { setup, query })? {
            Answer::Value(answer) => Ok(answer.as_deref() == Some(printed)),
            Answer::Unknown => Ok(true),
            Answer::Refused(reason) => {
                let message = format!("the values of the partition are refused by the server: {reason}");
                Err(self.problem(ErrorKind::Sql, message).into())
            }
        }
    }

    /// Refuses another division into partitions than the table has: its rows would have to be moved.
    pub(crate) fn keep_partitioning(
        &self,
        oid: Oid,
        wanted: Option<&str>,
        known: Option<&str>,
    ) -> Result<(), Interruption> {
        let Some(wanted) = wanted else { return Ok(()) };
        if self.new_tables.contains(&oid) || known.is_some_and(|known| squeezed(known) == squeezed(wanted)) {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.clone();
        if let Some(known) = known {
            let probe = probe(&table.schema);
            let setup = vec![format!("CREATE TABLE {probe} (LIKE {}) PARTITION BY {wanted}", table.quoted())];
            let query = format!(
                "SELECT pg_catalog.pg_get_partkeydef({}::pg_catalog.regclass)",
                quote::literal(&probe)
            );
            match self.ask(Question::Printed { setup, query })? {
                Answer::Value(Some(answer)) if answer == known => return Ok(()),
                Answer::Unknown => return Ok(()),
                _ => {}
            }
        }
        let known = known.map_or("not partitioned".to_owned(), |known| format!("partitioned by `{known}`"));
        let message = format!("table `{}` is {known}, and its fact says `{wanted}`", table.name);
        Err(self
            .problem(ErrorKind::Pending, message)
            .help("declare a new table, copy the rows with a patch, and drop the old one")
            .into())
    }
}

/// The bound of a partition as SQL.
fn bound(values: &str) -> String {
    match values.trim().eq_ignore_ascii_case("default") {
        true => "DEFAULT".to_owned(),
        false => format!("FOR VALUES {values}"),
    }
}

/// A text without blanks and quotes of names, in lower case outside of texts.
fn squeezed(text: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in text.chars() {
        match c {
            '\'' => {
                inside = !inside;
                out.push(c);
            }
            c if inside => out.push(c),
            c if c.is_whitespace() || c == '"' => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}
