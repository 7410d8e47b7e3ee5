use super::name_index::FIRST_PLANNED;
use super::planner::Planner;
use super::question::{Answer, Interruption, Question};
use crate::catalog::Oid;
use crate::error::ErrorKind;

impl Planner {
    /// Answers a question of the fact that is being applied; apply it again then.
    pub fn answer(&mut self, question: Question, answer: Answer) {
        if matches!(question, Question::Value(_)) {
            // The next fact may ask the same.
            self.answer_next(question.clone(), answer.clone());
        }
        self.answers.insert(question, answer);
    }

    /// Answers a question that [`Planner::look_ahead`] found. A refusal says nothing yet.
    pub fn answer_next(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.ahead.insert(question, answer);
        }
    }

    /// Answers a question ahead of the fact that will ask it. A refusal says nothing yet: what a fact needs may be made
    /// by one before it.
    pub fn answer_ahead(&mut self, question: Question, answer: Answer) {
        if matches!(answer, Answer::Value(Some(_))) {
            self.foreseen.insert(question, answer);
        }
    }

    /// The answer to a question, which stops the fact where there is none yet.
    pub(crate) fn ask(&self, question: Question) -> Result<&Answer, Interruption> {
        let known =
            [&self.answers, &self.ahead, &self.foreseen].into_iter().find_map(|all| all.get(&question));
        known.ok_or(Interruption::Ask(question))
    }

    /// A number that a query gives; one that the server refuses fails the fact.
    ///
    /// Numbers are asked for what a change would lose: verifying makes none.
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

    /// How many rows of a table a change would lose: once nobody can write to it any more, and of all rows, whatever
    /// row security lets this role see.
    pub(crate) fn locked_number(
        &self,
        oid: Oid,
        counted: &str,
        condition: &str,
    ) -> Result<u64, Interruption> {
        // What this deployment made, nobody else can see.
        if oid >= FIRST_PLANNED {
            return Ok(0);
        }
        let table = self.at(oid)?.name.quoted();
        let query = format!("SELECT pg_catalog.count({counted})::pg_catalog.text FROM {table}{condition}");
        self.counted(Question::Locked { table, query })
    }
}
