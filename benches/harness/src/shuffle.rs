//! Orders that are random but the same every time.

/// A seeded source of orders (SplitMix64, Steele et al. 2014).
pub struct Shuffle(u64);

impl Shuffle {
    /// The same seed gives the same orders.
    pub fn new(seed: u64) -> Shuffle {
        Shuffle(seed)
    }

    /// Puts `items` into a random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            // The bias of the remainder is 1 in 2^60 for so few items.
            let j = usize::try_from(self.next() % (i as u64 + 1)).unwrap_or(0);
            items.swap(i, j);
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_order_and_every_place_is_reached() {
        let order = |seed| {
            let mut items = [0, 1, 2, 3, 4, 5];
            Shuffle::new(seed).shuffle(&mut items);
            items
        };
        assert_eq!(order(7), order(7));
        let first: std::collections::BTreeSet<_> = (0..100).map(|seed| order(seed)[0]).collect();
        assert_eq!(first.len(), 6);
    }
}
