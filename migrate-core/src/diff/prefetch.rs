use super::change::ChangeAction;
use super::pending::PendingWork;
use super::planner::{FactProgress, Planner};
use super::question::Question;
use crate::facts::{Claim, Fact};

/// How many questions are asked together.
const MOST_AHEAD: usize = 1000;

impl Planner {
    /// What the facts will ask on a database that they hold in already: to be asked at once, rather than one by one.
    pub fn foresee(&self, facts: &[Fact]) -> Vec<Question> {
        let mut questions = Vec::new();
        for fact in facts {
            let inner = match &fact.claim {
                Claim::Table(table) => self.foresee(&table.with),
                Claim::Include(include) => self.foresee(include.facts.as_deref().unwrap_or_default()),
                Claim::Column(column) => self.default_question(column).into_iter().collect(),
                _ => continue,
            };
            questions.extend(inner);
        }
        questions
    }

    /// What these facts, which come next, will ask, as far as neither rows nor SQL come in between and what is planned
    /// until then does not matter to it. Nothing may be pending.
    pub fn look_ahead<'f>(&self, facts: impl IntoIterator<Item = &'f Fact>) -> Vec<Question> {
        let (mut planner, mut questions) = (self.clone(), Vec::new());
        for fact in facts {
            if matches!(fact.claim, Claim::Data(_) | Claim::Sql(_)) || questions.len() >= MOST_AHEAD {
                break;
            }
            let known = planner.pending.len();
            let next = planner.apply(fact);
            let new = planner.pending.get(known..).unwrap_or_default();
            let moved = new.iter().any(|one| match one {
                PendingWork::Change(change) => {
                    matches!(change.action, ChangeAction::Rename | ChangeAction::Drop)
                }
                PendingWork::Table { .. } => false,
            });
            match next {
                // What was begun of it would be in the way.
                Ok(FactProgress::Ask(_)) | Err(_) if !new.is_empty() => break,
                Ok(FactProgress::Ask(Question::Made)) | Err(_) => {}
                Ok(FactProgress::Ask(Question::Printed { .. })) if known > 0 => {}
                Ok(FactProgress::Ask(question)) => questions.push(question),
                Ok(FactProgress::Done) if moved && !self.is_verifying() => break,
                Ok(FactProgress::Done) => {}
            }
            // When verifying, nothing of it will be made.
            if self.is_verifying() {
                planner.pending.clear();
            }
        }
        questions
    }
}
