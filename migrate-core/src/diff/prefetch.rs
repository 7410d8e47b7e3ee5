use super::change::ChangeAction;
use super::pending_work::PendingWork;
use super::planner::{FactProgress, Planner};
use super::question::Question;
use crate::facts::{Claim, Fact};

/// How many questions are asked at most together.
const MOST_AHEAD: usize = 1000;

impl Planner {
    /// The questions that the facts will ask on a database where they already hold, so that they can be asked together.
    pub fn foreseeable_questions(&self, facts: &[Fact]) -> Vec<Question> {
        let mut questions = Vec::new();
        for fact in facts {
            let inner = match &fact.claim {
                Claim::Table(table) => self.foreseeable_questions(&table.with),
                Claim::Include(include) => {
                    self.foreseeable_questions(include.facts.as_deref().unwrap_or_default())
                }
                Claim::Column(column) => self.default_question(column).into_iter().collect(),
                _ => continue,
            };
            questions.extend(inner);
        }
        questions
    }

    /// The questions that the next facts will ask, up to the first rows or SQL; questions that depend on changes
    /// planned until then are left out. Nothing may be pending.
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
                // The changes that this fact has begun would affect the next ones.
                Ok(FactProgress::Ask(_)) | Err(_) if !new.is_empty() => break,
                Ok(FactProgress::Ask(Question::MakeFirst)) | Err(_) => {}
                Ok(FactProgress::Ask(Question::Printed { .. })) if known > 0 => {}
                Ok(FactProgress::Ask(question)) => questions.push(question),
                Ok(FactProgress::Done) if moved && !self.is_verifying() => break,
                Ok(FactProgress::Done) => {}
            }
            // Verifying makes no changes.
            if self.is_verifying() {
                planner.pending.clear();
            }
        }
        questions
    }
}
