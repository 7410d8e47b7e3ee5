//! What to do about a statement that was started outside a transaction and may or may not have finished. The catalog
//! decides: its state now is compared with its state before the statement.

use std::fmt;
use std::str::FromStr;

use super::statement::Class;
use crate::error::{Error, ErrorKind};
use crate::text::quote;

/// What the catalog shows about the object of a statement: an index, a partition, a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectState {
    /// Its object id; `None` if it does not exist.
    pub object: Option<u32>,
    /// Of an index: whether it is valid.
    pub valid: bool,
    /// Of an index: whether it is on the table that was meant.
    pub belongs: bool,
    /// Of a partition: whether its detaching was begun and not finished.
    pub pending: bool,
    /// Invalid indexes that REINDEX CONCURRENTLY leaves when it is interrupted: object id and name, ready for SQL; empty
    /// if our role may not drop it, as an owner may not drop one of a TOAST table.
    pub leftovers: Vec<(u32, String)>,
    /// Its name, ready for SQL; of a partition the second one, and its table's the first.
    pub names: Vec<String>,
    /// The process id of one that builds an index there.
    pub builder: Option<i32>,
}

/// What is to be done next about a started statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: its effect is there.
    Done,
    /// Run it: it left nothing behind.
    Run,
    /// Run these first, each by itself; then look again.
    Clean(Vec<String>),
    /// Wait for a process that still works on it; then look again.
    Wait(i32),
    /// It can't be known; the clause says why.
    Unknown(&'static str),
}

/// Decides about a statement of this class from what was seen before it was started and what is seen now.
///
/// ```
/// use embed_migrate_core::recover::{ObjectState, Verdict, decide};
/// use embed_migrate_core::Class;
///
/// let half_built = ObjectState { object: Some(16402), belongs: true, names: vec!["public.i".into()], ..ObjectState::default() };
/// assert_eq!(
///     decide(Class::CreateIndex, &ObjectState::default(), &half_built),
///     Verdict::Clean(vec!["DROP INDEX CONCURRENTLY public.i".into()]),
/// );
/// ```
pub fn decide(class: Class, before: &ObjectState, now: &ObjectState) -> Verdict {
    if let Some(builder) = now.builder {
        return Verdict::Wait(builder);
    }
    match class {
        Class::CreateIndex => index(before, now),
        Class::DropIndex | Class::DropDatabase | Class::DropTablespace | Class::DropSubscription => {
            done_if(before.object.is_some() && now.object != before.object)
        }
        Class::ReindexIndex => swept(before, now).unwrap_or_else(|| {
            // The new index takes the old one's name.
            done_if(before.object.is_some() && now.object != before.object && now.valid)
        }),
        Class::ReindexTable | Class::ReindexMany => swept(before, now).unwrap_or(Verdict::Run),
        Class::Detach => match now.names.as_slice() {
            [table, partition] if now.pending && !before.pending => {
                Verdict::Clean(vec![format!("ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE")])
            }
            _ => done_if(before.object.is_some() && now.object.is_none()),
        },
        Class::CreateDatabase | Class::CreateTablespace | Class::CreateSubscription => {
            done_if(before.object.is_none() && now.object.is_some())
        }
        Class::EndPrepared if before.object.is_some() && now.object.is_none() => {
            Verdict::Unknown("the prepared transaction is gone, and nothing shows whether it was committed")
        }
        Class::Any => Verdict::Unknown("it may commit by itself, so a part of it may be done"),
        // What may run in a transaction is decided by that; the others do no harm twice.
        Class::EndPrepared | Class::Repeatable | Class::RefreshSubscription => Verdict::Run,
        Class::Schema | Class::Drop | Class::Rows | Class::Batch => Verdict::Run,
        Class::Publication | Class::Subscription => Verdict::Run,
    }
}

/// What is wrong with the effect of a statement that the server says was carried out, if anything is: with IF NOT
/// EXISTS it is content with whatever has the name.
pub fn flaw(class: Class, now: &ObjectState) -> Option<&'static str> {
    match class {
        Class::CreateIndex if now.object.is_none() => Some("the index is not there"),
        Class::CreateIndex if !now.belongs => Some("an index of that name is there, on another table"),
        Class::CreateIndex | Class::ReindexIndex if !now.valid => Some("the index is there, and is invalid"),
        _ => None,
    }
}

fn done_if(done: bool) -> Verdict {
    if done { Verdict::Done } else { Verdict::Run }
}

fn index(before: &ObjectState, now: &ObjectState) -> Verdict {
    // An object that existed before is not the statement's, nor is one on another table: the statement itself reports a conflict.
    if now.object.is_none() || now.object == before.object || !now.belongs {
        Verdict::Run
    } else if now.valid {
        Verdict::Done
    } else {
        Verdict::Clean(now.names.iter().map(|name| format!("DROP INDEX CONCURRENTLY {name}")).collect())
    }
}

/// The SQL that removes what an interrupted REINDEX CONCURRENTLY of ours left.
fn swept(before: &ObjectState, now: &ObjectState) -> Option<Verdict> {
    let old = |object: u32| before.leftovers.iter().any(|(known, _)| *known == object);
    let new = now.leftovers.iter().filter(|(object, name)| !old(*object) && !name.is_empty());
    let sweep: Vec<_> = new.map(|(_, name)| format!("DROP INDEX CONCURRENTLY {name}")).collect();
    (!sweep.is_empty()).then_some(Verdict::Clean(sweep))
}

/// As the history keeps it: `16402 valid leftover 16410`; `none` if there was nothing. Names are left out.
impl fmt::Display for ObjectState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.object {
            Some(object) => write!(f, "{object}")?,
            None => f.write_str("none")?,
        }
        let words = [(self.valid, " valid"), (self.belongs, " belongs"), (self.pending, " pending")];
        words.iter().filter(|(holds, _)| *holds).try_for_each(|(_, word)| f.write_str(word))?;
        self.leftovers.iter().try_for_each(|(object, _)| write!(f, " leftover {object}"))
    }
}

impl FromStr for ObjectState {
    type Err = Error;

    fn from_str(text: &str) -> Result<ObjectState, Error> {
        let strange =
            || Error::new(ErrorKind::Unsupported, format!("`{}` is nothing seen", quote::literal(text)));
        let mut words = text.split(' ');
        let object = match words.next() {
            Some("none") => None,
            Some(object) => Some(object.parse().map_err(|_| strange())?),
            None => return Err(strange()),
        };
        let mut seen = ObjectState { object, ..ObjectState::default() };
        while let Some(word) = words.next() {
            match word {
                "valid" => seen.valid = true,
                "belongs" => seen.belongs = true,
                "pending" => seen.pending = true,
                "leftover" => {
                    let object = words.next().and_then(|object| object.parse().ok()).ok_or_else(strange)?;
                    seen.leftovers.push((object, String::new()));
                }
                _ => return Err(strange()),
            }
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> ObjectState {
        let mut seen: ObjectState = text.parse().unwrap();
        seen.names = vec!["a.x".to_owned(), "a.y".to_owned()];
        seen.leftovers.iter_mut().for_each(|(object, name)| *name = format!("a.left_{object}"));
        seen
    }

    #[test]
    fn what_is_seen_decides() {
        use Class::*;
        let drop = |name: &str| Verdict::Clean(vec![format!("DROP INDEX CONCURRENTLY {name}")]);
        let create_twice =
            Verdict::Clean(["a.x", "a.y"].map(|name| format!("DROP INDEX CONCURRENTLY {name}")).into());
        let finalize = Verdict::Clean(vec!["ALTER TABLE a.x DETACH PARTITION a.y FINALIZE".to_owned()]);
        for (class, before, now, verdict) in [
            (CreateIndex, "none", "none", Verdict::Run),
            (CreateIndex, "none", "7 valid belongs", Verdict::Done),
            (CreateIndex, "none", "7 belongs", create_twice),
            (CreateIndex, "none", "7 valid", Verdict::Run),
            (CreateIndex, "7 belongs", "7 belongs", Verdict::Run),
            (CreateIndex, "7 belongs", "8 valid belongs", Verdict::Done),
            (DropIndex, "7 valid", "7 valid", Verdict::Run),
            (DropIndex, "7 valid", "7", Verdict::Run),
            (DropIndex, "7 valid", "none", Verdict::Done),
            (DropIndex, "none", "none", Verdict::Run),
            (ReindexIndex, "7 valid", "7 valid leftover 9", drop("a.left_9")),
            (ReindexIndex, "7 valid leftover 9", "7 valid leftover 9", Verdict::Run),
            (ReindexIndex, "7 valid", "8 valid leftover 9", drop("a.left_9")),
            (ReindexIndex, "7 valid", "8 valid", Verdict::Done),
            (ReindexIndex, "7", "7", Verdict::Run),
            (ReindexTable, "none", "none leftover 9", drop("a.left_9")),
            (ReindexMany, "none leftover 9", "none leftover 9", Verdict::Run),
            (Detach, "7", "7", Verdict::Run),
            (Detach, "7", "7 pending", finalize),
            (Detach, "7 pending", "7 pending", Verdict::Run),
            (Detach, "7", "none", Verdict::Done),
            (CreateDatabase, "none", "7", Verdict::Done),
            (CreateSubscription, "none", "none", Verdict::Run),
            (DropDatabase, "7", "none", Verdict::Done),
            (DropTablespace, "7", "7", Verdict::Run),
            (EndPrepared, "7", "7", Verdict::Run),
            (Repeatable, "none", "none", Verdict::Run),
        ] {
            assert_eq!(decide(class, &seen(before), &seen(now)), verdict, "{class:?}: {before}, then {now}");
        }
        let kept = ObjectState { leftovers: vec![(9, String::new())], ..seen("7 valid") };
        assert_eq!(decide(ReindexTable, &seen("7 valid"), &kept), Verdict::Run, "nobody of us may drop it");
        assert!(matches!(decide(EndPrepared, &seen("7"), &seen("none")), Verdict::Unknown(_)));
        assert!(matches!(decide(Any, &seen("none"), &seen("none")), Verdict::Unknown(_)));
        let building = ObjectState { builder: Some(4711), ..seen("7 belongs") };
        assert_eq!(decide(CreateIndex, &seen("none"), &building), Verdict::Wait(4711));
    }

    #[test]
    fn what_was_seen_is_kept_as_text() {
        for text in ["none", "7", "16402 valid belongs", "16402 pending", "none leftover 4 leftover 5"] {
            assert_eq!(text.parse::<ObjectState>().unwrap().to_string(), text);
        }
        for text in ["", "x", "7 leftover", "7 valid odd"] {
            assert!(text.parse::<ObjectState>().is_err(), "{text}");
        }
    }
}
