use std::ops::Range;

use embed_migrate_core::{
    Class, Directives, Error, HISTORY_BUNDLE, Result, Statement, Step, Version, catalog_name, quote,
};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::captured_setting::CapturedSetting;
use crate::connection::rows::rows;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::patch_failure;
use crate::pipeline::patch_words::PatchWords;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::{Commit, TransactionFrame};
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::topology::slony::direct::CaptureFailure;
use crate::topology::slony::locked_nodes::LockedNodes;
use crate::topology::slony::tables::tables::CLOSING;

/// A std patch on its way into Slony's log, and into the origin, in one transaction.
pub(crate) struct PatchCapture<'c, 'a> {
    pub(crate) locked: &'c LockedNodes<'a>,
    pub(crate) frame: &'c TransactionFrame<'c>,
    pub(crate) step: &'c Step<'a>,
    pub(crate) directives: &'c Directives,
}

/// The settings that every patch changes.
const KEPT: [&str; 2] = ["standard_conforming_strings", "search_path"];

const NUMBERED: &str = include_str!("numbered.sql");
const OWNER: &str = include_str!("owner.sql");
const REPLICATED: &str = include_str!("replicated.sql");
const PLAIN: &str = "SET LOCAL session_replication_role = origin;\n";
const LOCAL: &str = "SET LOCAL session_replication_role = local;\n";
const COMPLETE: &str = "SELECT {slony}.ddlscript_complete(NULL::pg_catalog.text);\n";
/// For our own statements, which are in the captured script too.
const PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

impl PatchCapture<'_, '_> {
    /// Captures it and commits; `begins` if it is the first of its bundle in this run.
    pub(crate) async fn carry_out(&self, begins: bool) -> std::result::Result<(), CaptureFailure> {
        let statements: Vec<Statement> = self.step.patch.outline().statements().collect();
        let kept = self.kept(&statements);
        let first =
            self.step.bundle.name() == HISTORY_BUNDLE && self.step.patch.version() == Version::new(1, 0, 0);
        self.send(self.before(&kept, first)?).await?;
        match statements.as_slice() {
            // The history's own patches, which are known, and patches of nothing but comments.
            [] => self.send(self.captured(self.step.patch.text())).await?,
            statements => self.statements(statements).await?,
        }
        for sql in self.owners().await? {
            self.send(self.captured(&sql)).await?;
        }
        self.send(self.after(&kept, first, begins)?).await
    }

    /// Captures statements, as many together as can be; those that write to replicated tables are not captured: the rows
    /// that they change are logged, so that what they make up is the same everywhere.
    async fn statements(&self, statements: &[Statement]) -> std::result::Result<(), CaptureFailure> {
        let mut waiting: Option<Range<usize>> = None;
        for statement in statements {
            let named = statement.class == Class::Rows && !statement.target.is_empty();
            if named {
                // Whether it is replicated shows once what comes before it is done.
                self.flush(waiting.take()).await?;
                if self.is_replicated(statement).await? {
                    let text = self.text(statement.range.clone());
                    self.piece(format!("{PLAIN}{text}\n;\n{LOCAL}"), PLAIN.len(), &statement.range).await?;
                    continue;
                }
            }
            let start = waiting.map_or(statement.range.start, |range| range.start);
            waiting = Some(start..statement.range.end);
        }
        self.flush(waiting).await
    }

    async fn flush(&self, range: Option<Range<usize>>) -> std::result::Result<(), CaptureFailure> {
        let Some(range) = range else { return Ok(()) };
        self.send(self.captured(self.text(range))).await
    }

    async fn is_replicated(&self, statement: &Statement) -> std::result::Result<bool, CaptureFailure> {
        let target = self.text(statement.target.clone());
        let (replicated, view) = self.locked.writes_to(target, "").await?;
        match view {
            false => Ok(replicated),
            true => Err(CaptureFailure::Wrong(self.locked.through_view(self.step, statement, target))),
        }
    }

    fn text(&self, range: Range<usize>) -> &str {
        self.step.patch.text().get(range).unwrap_or_default()
    }

    /// A text that runs here now, and on every node later.
    ///
    /// Slony numbers it before it runs, and while it waits for its locks, rows are logged behind it that have the shape
    /// of before. So it gets its number once it holds them.
    fn captured(&self, text: &str) -> String {
        let cluster = &self.locked.cluster;
        let numbers = quote::literal(&format!("{}.sl_action_seq", cluster.schema()));
        cluster.fill(NUMBERED).replace("{numbers}", &numbers).replace("{text}", &quote::literal(text))
    }

    /// The settings that are put back afterwards.
    fn kept(&self, statements: &[Statement]) -> Vec<String> {
        let own = KEPT.map(str::to_owned).into_iter();
        let set = statements.iter().filter_map(|statement| {
            match CapturedSetting::of(statement, self.text(statement.range.clone())) {
                CapturedSetting::Local(name) => Some(name),
                CapturedSetting::None | CapturedSetting::Refused(_) => None,
            }
        });
        own.chain(set).collect()
    }

    fn before(&self, kept: &[String], first: bool) -> Result<String> {
        let (frame, step) = (self.frame, self.step);
        let lock = self.directives.lock_timeout.or(frame.options.lock_timeout).or(step.bundle.lock_timeout());
        let isolation = self.directives.isolation.unwrap_or_default();
        let mut sql = frame.begin_at(isolation) + &frame.settings(Commit::Now, lock);
        sql += &frame.limits(step.bundle, self.directives.statement_timeout);
        sql += &self.locked.untrusted_check_for(frame, step);
        sql += LOCAL;
        // Read under whatever the daemon's session says of strings, so that it may have none with a backslash in it.
        sql += &self.captured(&each(kept, |index, name| {
            set(
                &format!("'migrate.kept_{index}'"),
                &format!("pg_catalog.current_setting({}, true)", quote::literal(name)),
            )
        }));
        sql += &self.captured(&format!("SET LOCAL standard_conforming_strings = on; {PATH}"));
        let schema =
            format!("CREATE SCHEMA IF NOT EXISTS {};\n", frame.schema.quoted).repeat(usize::from(first));
        let row = if first { String::new() } else { frame.row(step, step.min_app()?) };
        let path = self.locked.patch_path(frame, step);
        sql += &self.captured(&format!("{schema}{row}{path}"));
        Ok(sql)
    }

    fn after(&self, kept: &[String], first: bool, begins: bool) -> Result<String> {
        let (frame, step) = (self.frame, self.step);
        let row = if first { frame.row(step, step.min_app()?) } else { String::new() };
        let begun = if begins { frame.unrecorded(step) } else { String::new() };
        let mut sql = self.captured(&format!("{PATH};\n{row}{}{begun}", frame.end(step)));
        if step.bundle.name() != HISTORY_BUNDLE {
            sql += &self.locked.record_created_tables(frame, step);
        }
        sql += &self.locked.cluster.fill(CLOSING);
        sql += &self.captured(&each(kept, |index, name| {
            set(&quote::literal(name), &format!("pg_catalog.current_setting('migrate.kept_{index}')"))
        }));
        sql += &self.locked.cluster.fill(COMPLETE);
        // Of the origin's session only: a daemon's is its own, and lives by what it listens to.
        sql += &frame.clean(step.patch.text());
        sql += &frame.keep;
        sql += &frame.settings(Commit::Now, frame.options.lock_timeout);
        sql += frame.commit();
        Ok(sql)
    }

    /// What gives to the role that was asked for what the patch made: a change of role can't be captured.
    async fn owners(&self) -> std::result::Result<Vec<String>, CaptureFailure> {
        let Some(role) = &self.locked.options().role else { return Ok(Vec::new()) };
        let sql = format!("{PATH}; {}", OWNER.replace("{role}", &quote::literal(role)));
        let asked =
            with_timeout(self.locked.options(), self.locked.origin.member.session.simple_query(&sql)).await;
        let messages =
            asked.map_err(|error| failure::own("asking for the objects that a patch created", error))?;
        Ok(rows(&messages).filter_map(|row| row.get(0)).map(str::to_owned).collect())
    }

    /// Sends what is ours, or is captured: a place in it is none in the patch, but for one in the text that was captured.
    async fn send(&self, sql: String) -> std::result::Result<(), CaptureFailure> {
        let length = sql.len();
        self.piece(sql, length, &(0..0)).await
    }

    /// Sends a part of the patch; so many bytes of it come before the text.
    async fn piece(
        &self,
        sql: String,
        before: usize,
        range: &Range<usize>,
    ) -> std::result::Result<(), CaptureFailure> {
        let session = &self.locked.origin.member.session;
        let (source, options) = (self.locked.origin.member.run.context.source, self.locked.options());
        let watch = session.watch(source, options, Some(self.step), &[]);
        let script =
            Script { sql, own: before..before + range.len(), skipped: range.start, ..Script::default() };
        let place = |offset| Some(patch_failure::place_at(self.step, script.skipped + offset));
        let said = NoticeLog::patch(options, self.step, &script, &place);
        let answer = watch.answer(execute(session, &script));
        let (answer, blockers) = session.hear(Some(said), answer).await;
        answer.map(drop).map_err(|error| CaptureFailure::Server { script, error, blockers })
    }
}

impl LockedNodes<'_> {
    /// Where a patch's names are looked for, on every node.
    fn patch_path(&self, frame: &TransactionFrame<'_>, step: &Step<'_>) -> String {
        match (step.bundle.name() == HISTORY_BUNDLE, step.bundle.schema().is_some()) {
            // A default is each node's own.
            (false, false) => format!("SET LOCAL search_path = {};\n", self.path),
            _ => frame.path(step.bundle),
        }
    }

    /// What ends a transaction in which a patch would use what untrusted roles own.
    fn untrusted_check_for(&self, frame: &TransactionFrame<'_>, step: &Step<'_>) -> String {
        let path = match step.bundle.name() == HISTORY_BUNDLE {
            // To ask for the schemas in which names are looked for makes the temporary one, if it is the first that is there.
            true => format!("SET LOCAL search_path = {};\n", frame.schema.quoted),
            false => self.patch_path(frame, step),
        };
        frame.untrusted_check(&path, PatchWords::Text(step.patch.text()))
    }

    /// Looks whether a patch would have code of an untrusted role run on another node, by its daemon. It is done before anything
    /// is captured: a daemon that is refused something does not go on.
    ///
    /// # Errors
    ///
    /// `Permission`, with what it is and on which node.
    pub(crate) async fn untrusted_check(&self, step: &Step<'_>) -> Result<()> {
        let looks = self.nodes.iter().map(|node| {
            let look = async {
                let (member, options) = (&node.member, self.options());
                let frame = member.run.frame(&member.session);
                let found = self.untrusted_check_for(&frame, step);
                let sql = format!(
                    "{}{}{found}ROLLBACK",
                    frame.begin(),
                    frame.settings(Commit::Now, frame.options.lock_timeout)
                );
                let Err(error) = with_timeout(options, member.session.simple_query(&sql)).await else {
                    return Ok(());
                };
                let error = member.on(failure::own("looking for objects of untrusted roles", error).context(
                    format!("while applying patch `{}` of `{}`", step.patch.version(), step.bundle.name()),
                ));
                let rolled = member.session.roll_back(options, frame.schema).await;
                Err(match rolled {
                    Ok(()) => error,
                    Err(_) => error.note("the transaction that looked could not be rolled back"),
                })
            };
            look.boxed()
        });
        Error::all(join_all(looks).await.into_iter().filter_map(Result::err)).map_or(Ok(()), Err)
    }

    /// Whether a table is replicated, or a partition of it is; and whether it is no table but a view. The name is looked up
    /// by the patch's own search path, which is set already, or by this statement.
    pub(crate) async fn writes_to(&self, target: &str, path: &str) -> Result<(bool, bool)> {
        let target = catalog_name(target);
        let sql = self.cluster.fill(REPLICATED).replace("{table}", &quote::literal(&target));
        let sql = format!("{path}{sql}");
        let session = &self.origin.member.session;
        let asked = with_timeout(self.options(), session.simple_query(&sql)).await;
        let messages = asked.map_err(|error| failure::own("asking whether a table is replicated", error))?;
        let row = rows(&messages).next();
        let cell = |column| row.and_then(|row| row.get(column)) == Some("t");
        Ok((cell(0), cell(1)))
    }
}

fn set(name: &str, value: &str) -> String {
    format!("pg_catalog.set_config({name}, {value}, true)")
}

fn each(names: &[String], call: impl Fn(usize, &str) -> String) -> String {
    let calls: Vec<String> = names.iter().enumerate().map(|(index, name)| call(index, name)).collect();
    format!("SELECT {}", calls.join(", "))
}
