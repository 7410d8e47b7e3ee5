/// When it is worth to look what the next facts will ask: the look goes over all of them, so that one that finds little is
/// not taken again before so many questions more.
#[derive(Debug, Default)]
pub(crate) struct Prefetch {
    /// How many questions to ask one by one before the next look.
    left: usize,
    /// How many that are after a look that finds little.
    pause: usize,
}

/// So many questions are little.
const LITTLE: usize = 4;

impl Prefetch {
    /// Whether to look now. Says so once for each question that is asked.
    pub(crate) fn is_due(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        due
    }

    /// Notes how many questions a look found.
    pub(crate) fn found(&mut self, questions: usize) {
        self.pause = if questions >= LITTLE { 0 } else { (2 * self.pause).max(1) };
        self.left = self.pause;
    }
}
