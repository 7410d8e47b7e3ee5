/// The values of a column, row by row, in one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    text: String,
    spans: Vec<(u32, u32)>,
}

/// What a row has in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Absent,
    Null,
    Text(&'a str),
}

/// A column of more than 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

const ABSENT: u32 = u32::MAX;
const NULL: u32 = u32::MAX - 1;

impl Cells {
    /// So many rows that have nothing yet.
    pub(crate) fn absent(rows: usize) -> Cells {
        Cells { text: String::new(), spans: vec![(ABSENT, 0); rows] }
    }

    pub(crate) fn push(&mut self, cell: Cell<'_>) -> Result<(), TooLarge> {
        let span = self.span(cell)?;
        self.spans.push(span);
        Ok(())
    }

    pub(crate) fn set(&mut self, row: u32, cell: Cell<'_>) -> Result<(), TooLarge> {
        let span = self.span(cell)?;
        if let Some(place) = self.spans.get_mut(row as usize) {
            *place = span;
        }
        Ok(())
    }

    fn span(&mut self, cell: Cell<'_>) -> Result<(u32, u32), TooLarge> {
        Ok(match cell {
            Cell::Absent => (ABSENT, 0),
            Cell::Null => (NULL, 0),
            Cell::Text(text) => {
                let start = u32::try_from(self.text.len()).ok().filter(|start| *start < NULL);
                let length = u32::try_from(text.len()).map_err(|_| TooLarge)?;
                self.text.push_str(text);
                (start.ok_or(TooLarge)?, length)
            }
        })
    }

    pub(crate) fn get(&self, row: u32) -> Cell<'_> {
        match self.spans.get(row as usize) {
            None | Some((ABSENT, _)) => Cell::Absent,
            Some((NULL, _)) => Cell::Null,
            Some((start, length)) => {
                let (start, length) = (*start as usize, *length as usize);
                Cell::Text(self.text.get(start..start + length).unwrap_or_default())
            }
        }
    }

    /// Gives a row what another has.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        let span = self.spans.get(from as usize).copied();
        if let (Some(span), Some(cell)) = (span, self.spans.get_mut(to as usize)) {
            *cell = span;
        }
    }
}

impl<'a> Cell<'a> {
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Absent | Cell::Null => None,
        }
    }
}
