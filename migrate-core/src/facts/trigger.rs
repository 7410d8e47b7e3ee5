use super::clauses::Clauses;
use super::node::{Content, Node};
use super::printed::Printed;
use super::suggest::nearest;
use super::within::Within;
use super::{TableName, Value, label};
use crate::Error;

/// A trigger fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its name, as it is.
    pub trigger: String,
    /// Its table or view.
    pub of: TableName,
    /// When it fires.
    pub timing: Timing,
    /// What makes it fire; nothing, if it is not to be there.
    pub events: Vec<Event>,
    /// Whether it fires for each row; otherwise once a statement.
    pub each_row: bool,
    /// The condition.
    pub when: Option<String>,
    /// The function call, such as `touch()`; empty, if it is not to be there.
    pub execute: String,
    /// Whether it is to be there at all.
    pub present: bool,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Before the change.
    Before,
    /// After the change.
    After,
    /// In place of the change, on a view.
    InsteadOf,
}

/// What makes a trigger fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// INSERT
    Insert,
    /// UPDATE, of these columns where there are any.
    Update(Vec<String>),
    /// DELETE
    Delete,
    /// TRUNCATE
    Truncate,
}

impl Trigger {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Trigger> {
        let present = clauses.present(&[]);
        let trigger = clauses.value("trigger", label::name);
        let of = clauses.of(None);
        let (timing, events) = events(&mut clauses, present);
        let for_each = clauses.value("for_each", for_each);
        let each_row = for_each.unwrap_or(timing == Timing::InsteadOf);
        let when = clauses.value("when", label::expression);
        let execute = clauses.needed("execute", call);
        if timing == Timing::InsteadOf && !each_row {
            clauses.problem_at(
                "for_each",
                "a trigger instead of a change fires for each row",
                "write `for_each: row`",
            );
        }
        if each_row && events.contains(&Event::Truncate) {
            clauses.problem_at("for_each", "no single row is truncated", "write `for_each: statement`");
        }
        clauses.finish();
        let execute = execute.unwrap_or_default();
        Some(Trigger { trigger: trigger?, of: of?, timing, events, each_row, when, execute, present })
    }

    pub(super) fn print(&self, within: Option<&Within>) -> Printed {
        let printed = Printed::new("trigger", &self.trigger).of(&self.of, within);
        if !self.present {
            return printed.with("present", false);
        }
        let events: Vec<Value> = self.events.iter().map(Event::words).collect();
        printed
            .with(self.timing.word(), events)
            .with("for_each", if self.each_row { "row" } else { "statement" })
            .some("when", self.when.as_ref())
            .with("execute", &self.execute)
    }
}

/// When it fires and why: one clause says both.
fn events(clauses: &mut Clauses<'_>, present: bool) -> (Timing, Vec<Event>) {
    let given: Vec<Timing> =
        Timing::ALL.into_iter().filter(|timing| clauses.entry(timing.word()).is_some()).collect();
    match given.as_slice() {
        [timing] => {
            let events = clauses.value(timing.word(), |node| label::each(node, Event::read));
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
            (Timing::After, Vec::new())
        }
        [] => (Timing::After, Vec::new()),
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

impl Timing {
    const ALL: [Timing; 3] = [Timing::Before, Timing::After, Timing::InsteadOf];

    /// The clause that says so.
    fn word(self) -> &'static str {
        match self {
            Timing::Before => "before",
            Timing::After => "after",
            Timing::InsteadOf => "instead_of",
        }
    }
}

impl Event {
    fn read(node: &Node) -> Result<Event, Error> {
        if let Content::Map(entries) = &node.content {
            return match &**entries {
                [entry] if *entry.key == *"update" => Ok(Event::Update(label::labels(&entry.value)?)),
                _ => Err(node.error("only an update names columns").help(EVENTS)),
            };
        }
        let text = node.text()?;
        let events = [Event::Insert, Event::Update(Vec::new()), Event::Delete, Event::Truncate];
        let event = events.into_iter().find(|event| event.word().eq_ignore_ascii_case(text));
        event.ok_or_else(|| {
            let problem = node.error(format!("`{text}` makes no trigger fire"));
            match nearest(text, ["insert", "update", "delete", "truncate"]) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help(EVENTS),
            }
        })
    }

    fn word(&self) -> &'static str {
        match self {
            Event::Insert => "insert",
            Event::Update(_) => "update",
            Event::Delete => "delete",
            Event::Truncate => "truncate",
        }
    }

    /// What facts call it.
    fn words(&self) -> Value {
        match self {
            Event::Update(columns) if !columns.is_empty() => {
                let columns = columns.iter().map(Value::from).collect();
                Value::Map(vec![("update".to_owned(), Value::List(columns))])
            }
            event => event.word().into(),
        }
    }
}

fn for_each(node: &Node) -> Result<bool, Error> {
    match node.text()? {
        "row" => Ok(true),
        "statement" => Ok(false),
        text => Err(node
            .error(format!("a trigger doesn't fire for each `{text}`"))
            .help("write `row` or `statement`")),
    }
}

fn call(node: &Node) -> Result<String, Error> {
    let text = node.text()?.trim();
    match text.ends_with(')') && text.split_once('(').is_some_and(|(name, _)| !name.trim().is_empty()) {
        true => Ok(text.to_owned()),
        false => Err(node
            .error(format!("`{text}` is no call of a function"))
            .help("write it with its arguments: `touch()`")),
    }
}
