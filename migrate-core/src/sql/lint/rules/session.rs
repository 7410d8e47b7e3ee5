use squawk_parser::SyntaxKind as K;

use crate::sql::function_calls::calls;
use crate::sql::lint::hazard::LintHazard;
use crate::sql::lint::rule::LintRule;
use crate::sql::{ParsedStatement, Script};

const CONNECTS: [&str; 2] = ["dblink_connect", "dblink_connect_u"];
const DISCONNECTS: [&str; 1] = ["dblink_disconnect"];

/// What stays in the session whatever is done behind the patch: the patches after it in a run find it, and not where they
/// are applied by themselves.
pub(in crate::sql::lint) fn hazard(script: &Script, text: &str) -> Vec<LintHazard> {
    let of = |statement: &ParsedStatement| text.get(statement.range.clone()).unwrap_or_default();
    let found = |statement: &ParsedStatement, names: &[&'static str]| {
        let defines = [K::CREATE_FUNCTION, K::CREATE_PROCEDURE].contains(&statement.kind);
        let calls = calls(of(statement), names, statement.kind == K::DO).into_iter();
        calls.filter(move |_| !defines).map(|call| (statement.range.start + call.start, call.name)).next()
    };
    let closes = script.statements.iter().any(|statement| found(statement, &DISCONNECTS).is_some());
    let stays = script.statements.iter().filter_map(|statement| match statement.kind == K::LOAD {
        true => Some((
            statement.range.start,
            "LOAD",
            "a library",
            "begin each patch that needs the library with `LOAD`",
        )),
        false => {
            let (offset, name) = found(statement, &CONNECTS).filter(|_| !closes)?;
            Some((
                offset,
                name,
                "a connection",
                "end the connection by `dblink_disconnect` in the same patch",
            ))
        }
    });
    let hazards = stays.map(|(offset, word, what, recipe)| {
        let message = format!("`{word}` leaves {what} in the session for later patches");
        LintHazard::at(LintRule::StaysInSession, offset, message, recipe.to_owned())
            .note("a later patch of the same run finds it, and one that is applied by itself does not")
    });
    hazards.collect()
}
