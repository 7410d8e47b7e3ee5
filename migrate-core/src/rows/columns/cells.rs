/// The values of a column, row by row, in one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnCells {
    text: String,
    spans: Vec<(u32, u32)>,
}

/// The value of a row in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnCell<'a> {
    Absent,
    Null,
    Text(&'a str),
}

/// A column of more than 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

const ABSENT: u32 = u32::MAX;
const NULL: u32 = u32::MAX - 1;

impl ColumnCells {
    /// This number of rows, without values yet.
    pub(crate) fn absent(rows: usize) -> ColumnCells {
        ColumnCells { text: String::new(), spans: vec![(ABSENT, 0); rows] }
    }

    pub(crate) fn push(&mut self, cell: ColumnCell<'_>) -> Result<(), TooLarge> {
        let span = self.span(cell)?;
        self.spans.push(span);
        Ok(())
    }

    pub(crate) fn set(&mut self, row: u32, cell: ColumnCell<'_>) -> Result<(), TooLarge> {
        let span = self.span(cell)?;
        if let Some(place) = self.spans.get_mut(row as usize) {
            *place = span;
        }
        Ok(())
    }

    fn span(&mut self, cell: ColumnCell<'_>) -> Result<(u32, u32), TooLarge> {
        Ok(match cell {
            ColumnCell::Absent => (ABSENT, 0),
            ColumnCell::Null => (NULL, 0),
            ColumnCell::Text(text) => {
                let start = u32::try_from(self.text.len()).ok().filter(|start| *start < NULL);
                let length = u32::try_from(text.len()).map_err(|_| TooLarge)?;
                self.text.push_str(text);
                (start.ok_or(TooLarge)?, length)
            }
        })
    }

    pub(crate) fn get(&self, row: u32) -> ColumnCell<'_> {
        match self.spans.get(row as usize) {
            None | Some((ABSENT, _)) => ColumnCell::Absent,
            Some((NULL, _)) => ColumnCell::Null,
            Some((start, length)) => {
                let (start, length) = (*start as usize, *length as usize);
                ColumnCell::Text(self.text.get(start..start + length).unwrap_or_default())
            }
        }
    }

    /// Copies the value of one row to another.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        let span = self.spans.get(from as usize).copied();
        if let (Some(span), Some(cell)) = (span, self.spans.get_mut(to as usize)) {
            *cell = span;
        }
    }
}

impl<'a> ColumnCell<'a> {
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            ColumnCell::Text(text) => Some(text),
            ColumnCell::Absent | ColumnCell::Null => None,
        }
    }
}
