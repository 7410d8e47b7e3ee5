use super::problems::Problems;
use super::row_batch::RowBatch;
use crate::error::{Error, ErrorKind};

impl RowBatch<'_> {
    /// The keys of links whose rows must be found: for each column, the numbers of its keys.
    pub fn unresolved(&self) -> Vec<(usize, Vec<u32>)> {
        let columns = self.columns.iter().enumerate();
        let unresolved =
            columns.filter_map(|(at, column)| column.links().map(|links| (at, links.unresolved())));
        unresolved.filter(|(_, numbers)| !numbers.is_empty()).collect()
    }

    /// Whether a column links to rows of the table itself.
    pub fn is_own(&self, column: usize) -> bool {
        self.columns.get(column).and_then(|column| column.links()).is_some_and(|links| links.keys.own)
    }

    /// Sets the value of a column for a key: the `id` of the row that the key names, as text.
    pub fn set_link_value(&mut self, column: usize, number: u32, id: &str) {
        if let Some(links) = self.columns.get_mut(column).and_then(|column| column.links_mut()) {
            links.set_link_value(number, id);
        }
    }

    /// The links to rows that are neither in the database nor in the batch.
    pub fn missing(&self) -> Problems {
        let mut problems = Problems::default();
        for (at, numbers) in self.unresolved() {
            let Some(column) = self.columns.get(at) else { continue };
            let Some(keys) = column.links().map(|links| &links.keys) else { continue };
            for number in numbers {
                if keys.own && self.named(keys, number).is_some() {
                    continue;
                }
                problems.add(|| {
                    let (target, key) = (&keys.target.name.name, keys.shown(number));
                    let row = keys.first.get(number as usize).copied().unwrap_or_default();
                    let what = format!(
                        "`{}` links to the row `{key}` of `{target}`, which does not exist",
                        column.label
                    );
                    Error::new(ErrorKind::Missing, what).at(self.place_of(row, at))
                });
            }
        }
        problems
    }

    /// The rows, of these, with a link to a row that is not inserted yet.
    pub fn waiting(&self, rows: &[u32]) -> Vec<u32> {
        let own: Vec<_> = (0..self.columns.len()).filter(|at| self.is_own(*at)).collect();
        if own.is_empty() {
            return Vec::new();
        }
        let waits =
            |row: u32| own.iter().filter_map(|at| self.columns.get(*at)).any(|column| column.waits(row));
        rows.iter().copied().filter(|row| waits(*row)).collect()
    }
}
