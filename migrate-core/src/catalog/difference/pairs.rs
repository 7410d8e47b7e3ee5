use std::collections::BTreeMap;

/// Pairs the values with the same key.
pub(in crate::catalog) fn pairs<K: Ord, V>(
    before: impl IntoIterator<Item = (K, V)>,
    after: impl IntoIterator<Item = (K, V)>,
) -> BTreeMap<K, (Option<V>, Option<V>)> {
    let mut pairs: BTreeMap<K, (Option<V>, Option<V>)> =
        before.into_iter().map(|(key, value)| (key, (Some(value), None))).collect();
    for (key, value) in after {
        pairs.entry(key).or_default().1 = Some(value);
    }
    pairs
}
