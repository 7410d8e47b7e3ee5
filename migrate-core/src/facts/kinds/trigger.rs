use crate::error::Error;
use crate::facts::document::{Content, DocumentNode};
use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label, nearest};
use crate::facts::values::Value;

/// A trigger fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerFact {
    /// Its name, as it is.
    pub trigger: String,
    /// Its table or view.
    pub of: TableName,
    /// When it fires.
    pub timing: TriggerTiming,
    /// The events that make it fire; empty if `present` is false.
    pub events: Vec<TriggerEvent>,
    /// Whether it fires for each row; otherwise once for each statement.
    pub each_row: bool,
    /// The condition.
    pub when: Option<String>,
    /// The function call, such as `touch()`; empty if `present` is false.
    pub execute: String,
    /// Whether it should exist.
    pub present: bool,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerTiming {
    /// Before the change.
    Before,
    /// After the change.
    After,
    /// In place of the change, on a view.
    InsteadOf,
}

/// An event that makes a trigger fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerEvent {
    /// INSERT
    Insert,
    /// UPDATE; of these columns, if there are any.
    Update(Vec<String>),
    /// DELETE
    Delete,
    /// TRUNCATE
    Truncate,
}

impl TriggerFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<TriggerFact> {
        let present = clauses.present(&[]);
        let trigger = clauses.value("trigger", label::name);
        let of = clauses.of(None);
        let (timing, events) = events(&mut clauses, present);
        let for_each = clauses.value("for_each", for_each);
        let each_row = for_each.unwrap_or(timing == TriggerTiming::InsteadOf);
        let when = clauses.value("when", label::expression);
        let execute = clauses.needed("execute", call);
        if timing == TriggerTiming::InsteadOf && !each_row {
            clauses.problem_at(
                "for_each",
                "a trigger instead of a change fires for each row",
                "write `for_each: row`",
            );
        }
        if each_row && events.contains(&TriggerEvent::Truncate) {
            clauses.problem_at("for_each", "no single row is truncated", "write `for_each: statement`");
        }
        clauses.finish();
        let execute = execute.unwrap_or_default();
        Some(TriggerFact { trigger: trigger?, of: of?, timing, events, each_row, when, execute, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        let printed = PrintedClauses::new("trigger", &self.trigger).of(&self.of, within);
        if !self.present {
            return printed.with("present", false);
        }
        let events: Vec<Value> = self.events.iter().map(TriggerEvent::words).collect();
        printed
            .with(self.timing.word(), events)
            .with("for_each", if self.each_row { "row" } else { "statement" })
            .some("when", self.when.as_ref())
            .with("execute", &self.execute)
    }
}

/// Timing and events, which one clause gives.
fn events(clauses: &mut Clauses<'_>, present: bool) -> (TriggerTiming, Vec<TriggerEvent>) {
    let given: Vec<TriggerTiming> =
        TriggerTiming::ALL.into_iter().filter(|timing| clauses.entry(timing.word()).is_some()).collect();
    match given.as_slice() {
        [timing] => {
            let events = clauses.value(timing.word(), |node| label::each(node, TriggerEvent::read));
            if events.as_ref().is_some_and(Vec::is_empty) {
                clauses.problem_at(timing.word(), "nothing makes the trigger fire", EVENTS);
            }
            (*timing, events.unwrap_or_default())
        }
        [] if present => {
            clauses.problem(
                "nothing makes the trigger fire",
                "add `before:`, `after:` or `instead_of:` with `[insert, update, delete, truncate]`",
            );
            (TriggerTiming::After, Vec::new())
        }
        [] => (TriggerTiming::After, Vec::new()),
        [_, second, ..] => {
            clauses.problem_at(
                second.word(),
                "a trigger fires at one time",
                "keep one of `before`, `after` and `instead_of`",
            );
            (*second, Vec::new())
        }
    }
}

const EVENTS: &str =
    "the events are `insert`, `update`, `delete` and `truncate`; `{update: [a, b]}` is an update of columns";

impl TriggerTiming {
    const ALL: [TriggerTiming; 3] = [TriggerTiming::Before, TriggerTiming::After, TriggerTiming::InsteadOf];

    /// The clause for it.
    fn word(self) -> &'static str {
        match self {
            TriggerTiming::Before => "before",
            TriggerTiming::After => "after",
            TriggerTiming::InsteadOf => "instead_of",
        }
    }
}

impl TriggerEvent {
    fn read(node: &DocumentNode) -> Result<TriggerEvent, Error> {
        if let Content::Map(entries) = &node.content {
            return match &**entries {
                [entry] if *entry.key == *"update" => Ok(TriggerEvent::Update(label::labels(&entry.value)?)),
                _ => Err(node.error("only an update names columns").help(EVENTS)),
            };
        }
        let text = node.text()?;
        let events = [
            TriggerEvent::Insert,
            TriggerEvent::Update(Vec::new()),
            TriggerEvent::Delete,
            TriggerEvent::Truncate,
        ];
        let event = events.into_iter().find(|event| event.word().eq_ignore_ascii_case(text));
        event.ok_or_else(|| {
            let problem = node.error(format!("`{text}` is not an event of a trigger"));
            match nearest(text, ["insert", "update", "delete", "truncate"]) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help(EVENTS),
            }
        })
    }

    fn word(&self) -> &'static str {
        match self {
            TriggerEvent::Insert => "insert",
            TriggerEvent::Update(_) => "update",
            TriggerEvent::Delete => "delete",
            TriggerEvent::Truncate => "truncate",
        }
    }

    /// Its word or value in facts.
    fn words(&self) -> Value {
        match self {
            TriggerEvent::Update(columns) if !columns.is_empty() => {
                let columns = columns.iter().map(Value::from).collect();
                Value::Map(vec![("update".to_owned(), Value::List(columns))])
            }
            event => event.word().into(),
        }
    }
}

fn for_each(node: &DocumentNode) -> Result<bool, Error> {
    match node.text()? {
        "row" => Ok(true),
        "statement" => Ok(false),
        text => Err(node
            .error(format!("a trigger doesn't fire for each `{text}`"))
            .help("write `row` or `statement`")),
    }
}

fn call(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?.trim();
    match text.ends_with(')') && text.split_once('(').is_some_and(|(name, _)| !name.trim().is_empty()) {
        true => Ok(text.to_owned()),
        false => Err(node
            .error(format!("`{text}` is not a function call"))
            .help("write it with its arguments: `touch()`")),
    }
}
