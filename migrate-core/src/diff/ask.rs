use super::name_index::FIRST_PLANNED;
use super::planner::Planner;
use super::question::{Answer, Interruption, Question};
use crate::catalog::Oid;
use crate::error::ErrorKind;

impl Planner {
    /// Answers a question of the fact that is being applied; the caller then applies the fact again.
    pub fn answer(&mut self, question: Question, answer: Answer) {
        if matches!(question, Question::Value(_)) {
            // The next fact may ask the same question.
            self.answer_next(question.clone(), answer.clone());
        }
        self.answers.insert(question, answer);
    }

    /// Answers a question that [`Planner::look_ahead`] found. A refusal is ignored: it may not be final.
    pub fn answer_next(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.ahead.insert(question, answer);
        }
    }

    /// Answers a question before the fact asks it. A refusal is ignored: an earlier fact may create what the question
    /// needs.
    pub fn answer_ahead(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.foreseen.insert(question, answer);
        }
    }

    /// The answer to a question; without an answer, the fact is interrupted.
    pub(crate) fn ask(&self, question: Question) -> Result<&Answer, Interruption> {
        let known =
            [&self.answers, &self.ahead, &self.foreseen].into_iter().find_map(|all| all.get(&question));
        known.ok_or(Interruption::Ask(question))
    }

    /// The number that a query returns; if the server refuses the query, the fact fails.
    ///
    /// Numbers say what a change would lose; verifying makes no changes, so it asks for none.
    pub(crate) fn number(&self, sql: String) -> Result<u64, Interruption> {
        self.counted(Question::Value(sql))
    }

    fn counted(&self, question: Question) -> Result<u64, Interruption> {
        if self.is_verifying() {
            return Ok(0);
        }
        match self.ask(question)? {
            Answer::Value(Some(number)) => Ok(number.parse().unwrap_or(u64::MAX)),
            Answer::Value(None) | Answer::Unknown => Ok(0),
            Answer::Refused(reason) => Err(self.problem(ErrorKind::Sql, reason.clone()).into()),
        }
    }

    /// How many rows of a table a change would lose, counted after the table is locked against writers, and for all
    /// rows, even those that row security hides from this role.
    pub(crate) fn locked_number(
        &self,
        oid: Oid,
        counted: &str,
        condition: &str,
    ) -> Result<u64, Interruption> {
        // Tables that this deployment created are visible to nobody else.
        if oid >= FIRST_PLANNED {
            return Ok(0);
        }
        let table = self.table_at(oid)?.name.quoted();
        let query = format!("SELECT pg_catalog.count({counted})::pg_catalog.text FROM {table}{condition}");
        self.counted(Question::Locked { table, query })
    }
}
