use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label};

/// A table exists as a partition of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionFact {
    /// Its label.
    pub partition: TableName,
    /// The partitioned table.
    pub of: TableName,
    /// What follows FOR VALUES, or `default`; may be absent only if `present` is false.
    pub values: Option<String>,
    /// How it is divided itself: what follows PARTITION BY.
    pub partition_by: Option<String>,
    /// Whether it should exist.
    pub present: bool,
    /// Whether dropping rows is intended.
    pub irreversible: bool,
}

impl PartitionFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<PartitionFact> {
        let present = clauses.present(&["irreversible"]);
        let partition = clauses.value("partition", TableName::read);
        let of = clauses.of(None);
        let values = clauses.needed("values", label::expression);
        let partition_by = clauses.value("partition_by", label::expression);
        let irreversible = clauses.irreversible(present);
        if let Some(values) = &values {
            let first = values.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
            if !["from", "in", "with", "default"].contains(&first.as_str()) {
                let message = format!("`{values}` does not say which rows are in the partition");
                let help =
                    "write `from (A) to (B)`, `in (A, B)`, `with (modulus N, remainder R)` or `default`";
                clauses.problem_at("values", message, help);
            }
        }
        clauses.finish();
        let (partition, of) = (partition?, of?);
        let schema = partition.schema.or_else(|| of.schema.clone());
        let partition = TableName { schema, label: partition.label };
        Some(PartitionFact { partition, of, values, partition_by, present, irreversible })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("partition", self.partition.to_string())
            .of(&self.of, within)
            .some("values", self.values.as_ref())
            .some("partition_by", self.partition_by.as_ref())
            .unless("present", self.present, true)
            .unless("irreversible", self.irreversible, false)
    }
}
