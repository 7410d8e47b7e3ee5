use std::time::{Duration, Instant};

use embed_migrate_core::{Batch, Error, ErrorKind, Result, catalog_name, quote};

use super::concurrent_patch::ConcurrentPatch;
use super::patch_statement::PatchStatement;
use super::started_statement::StartedStatement;
use crate::pipeline::execute::execute;
use crate::pipeline::outside_transaction::StatementFailure;
use crate::pipeline::patch_failure;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::Commit;
use crate::query::ask::{ANSWER, answers, with_timeout};
use crate::query::failure;
use crate::report::event::Event;
use crate::report::patch_status::PatchStatus;

/// The longest pause between two batches; otherwise it is as long as the batch took, so that half of the time is others'.
const PAUSE: Duration = Duration::from_secs(1);

/// Keys are read as they were written, whatever the settings of the database, the role or the session that continues.
const EXACT: &str = "SET LOCAL extra_float_digits = 1;\nSET LOCAL datestyle = 'ISO';\n";

/// A statement that runs in batches, by ranges of a key.
struct BatchedStatement<'a> {
    work: &'a ConcurrentPatch<'a>,
    part: &'a PatchStatement<'a>,
    rows: u32,
    /// The table's name as it was written, and with its alias.
    table: &'a str,
    aliased: String,
    /// The key with the table's name or alias before it, and by itself.
    key: String,
    column: &'a str,
    /// The text before the condition, the condition, and the text after it.
    pieces: [&'a str; 3],
}

/// What is known of the table before the first batch.
struct BatchTable {
    /// About how many rows it has.
    rows: Option<f64>,
    /// Its highest key: rows that come later are of programs that know better.
    last: Option<String>,
}

impl ConcurrentPatch<'_> {
    /// Runs an UPDATE or DELETE in batches, each with how far it came in one transaction.
    ///
    /// # Errors
    ///
    /// The key is no column that the batches can go by; or a batch fails. Those before it stay done.
    pub(super) async fn batches(
        &self,
        part: &PatchStatement<'_>,
        begun: Option<&StartedStatement>,
    ) -> Result<()> {
        let Some(Batch { rows, key }) = &self.directives.batch else { return Ok(()) };
        let statement = part.statement;
        let text = self.step.patch.text();
        let piece = |range| text.get(range).unwrap_or_default();
        let (table, alias) = (piece(statement.target.clone()), piece(statement.other.clone()));
        let (range, condition) = (&statement.range, &statement.condition);
        let batched = BatchedStatement {
            work: self,
            part,
            rows: *rows,
            table,
            aliased: if alias.is_empty() { table.to_owned() } else { format!("{table} AS {alias}") },
            key: format!("{}.{key}", if alias.is_empty() { table } else { alias }),
            column: key,
            pieces: [
                piece(range.start..condition.start),
                piece(condition.clone()),
                piece(condition.end..range.end),
            ],
        };
        batched.carry_out(begun).await
    }
}

impl BatchedStatement<'_> {
    async fn carry_out(&self, begun: Option<&StartedStatement>) -> Result<()> {
        let (work, started) = (self.work, Instant::now());
        let table = self.table().await?;
        let mut reached = begun.and_then(|begun| begun.reached.clone());
        let mut changed = begun.map_or(0, |begun| begun.changed);
        let last = match begun {
            Some(begun) => begun.last.clone(),
            None => {
                work.write(&self.begin(table.last.as_deref())).await?;
                table.last.clone()
            }
        };
        let (mut seen, mut tries) = (0, 0);
        while let Some(last) = last.as_deref() {
            let Some(bound) = self.bound(reached.as_deref(), last).await? else { break };
            if reached.as_ref() == Some(&bound) {
                return Err(self.not_a_key("different values of it can have the same text"));
            }
            let begun = Instant::now();
            let script = self.script(reached.as_deref(), &bound);
            let count = match self.batch(script, &bound).await {
                Ok(count) => count,
                Err((script, broken)) => {
                    let again = work.again(&script, broken, &mut tries).await;
                    again.map_err(|error| error.note(self.range(reached.as_deref(), &bound)))?;
                    continue;
                }
            };
            (changed, seen, tries) = (changed + count, seen + u64::from(self.rows), 0);
            reached = Some(bound);
            self.tell(seen, changed, table.rows, started.elapsed());
            tokio::time::sleep(begun.elapsed().min(PAUSE)).await;
        }
        if changed == 0 {
            work.options().tell(&Event::NoRows { patch: PatchStatus::applied(*work.step) });
        }
        work.write(&work.frame.after(work.step, self.part)).await
    }

    fn tell(&self, seen: u64, changed: u64, rows: Option<f64>, elapsed: Duration) {
        let left = rows.map(|rows| elapsed.mul_f64((rows / seen.max(1) as f64 - 1.0).max(0.0)));
        let file = self.work.step.patch.file().to_string();
        self.work.options().tell(&Event::Batch { file, changed, left });
    }

    /// The condition that keeps a statement within a range of keys.
    fn key_range(&self, above: Option<&str>, upto: &str) -> String {
        let key = &self.key;
        let above = above.map(|above| format!("{key} > {} AND ", quote::literal(above))).unwrap_or_default();
        format!("{above}{key} <= {}", quote::literal(upto))
    }

    /// Which batch it is, for an error.
    fn range(&self, above: Option<&str>, upto: &str) -> String {
        let above = above.map(|above| format!("above `{above}` ")).unwrap_or_default();
        format!("in the batch {above}up to `{upto}` of the key `{}`", self.column)
    }

    /// The transaction of one batch, but for its end.
    fn script(&self, above: Option<&str>, upto: &str) -> Script {
        let (frame, step, directives) = (self.work.frame, self.work.step, self.work.directives);
        let lock =
            directives.lock_timeout.or(self.work.options().lock_timeout).or(step.bundle.lock_timeout());
        let mut before = frame.begin() + &frame.settings(Commit::Now, lock);
        before += &frame.held(step);
        before += &frame.untrusted_objects(step);
        before += &frame.limits(step.bundle, directives.statement_timeout);
        before += &frame.path(step.bundle);
        before += &self.part.settings;
        let [head, condition, tail] = self.pieces;
        let range = self.key_range(above, upto);
        let narrowed = match condition.is_empty() {
            true => format!("\n WHERE {range}"),
            false => format!(" ({range}) AND ("),
        };
        // A last line of the condition may be a comment.
        let end = if condition.is_empty() { "" } else { "\n)" };
        let start = before.len() + head.len();
        let text = format!("{head}{narrowed}{condition}{end}{tail}");
        let inserted = start..start + narrowed.len();
        Script { inserted, ..Script::around(&before, &text, "", self.part.skipped) }
    }

    /// Runs one batch and records how far it came. Returns how many rows it changed, or what failed in which script.
    async fn batch(
        &self,
        script: Script,
        reached: &str,
    ) -> std::result::Result<u64, (Script, StatementFailure)> {
        let BatchedStatement { work, .. } = self;
        let changed = match work.count(&script).await {
            Ok(changed) => changed,
            Err(broken) => return Err((script, broken)),
        };
        let end = self.end(reached, changed);
        match work.hear(&end, with_timeout(work.options(), execute(work.session, &end))).await {
            Ok(_) => Ok(changed),
            Err(error) => Err((end, StatementFailure { error, blockers: Vec::new() })),
        }
    }

    /// The end of a batch's transaction, in which what was deferred is checked.
    fn end(&self, reached: &str, changed: u64) -> Script {
        let BatchedStatement { work, part, .. } = self;
        let frame = work.frame;
        let note = format!(
            "{}{}{}UPDATE {}.statement SET reached = {}, changed = changed + {changed}, \
             pid = pg_catalog.pg_backend_pid() WHERE position = {} AND number = {};\n{}",
            frame.clean(part.text),
            frame.keep,
            frame.settings(Commit::Now, work.options().lock_timeout),
            frame.schema.quoted,
            quote::literal(reached),
            work.step.position,
            part.number,
            frame.commit(),
        );
        Script::around("", "", &note, part.skipped)
    }

    /// The highest key of the next batch; `None` if no row is left.
    async fn bound(&self, above: Option<&str>, last: &str) -> Result<Option<String>> {
        let sql = format!(
            "SELECT b.k::pg_catalog.text FROM (SELECT {key} AS k FROM {table} WHERE {range} ORDER BY {key} LIMIT {rows}) AS b \
             ORDER BY b.k DESC LIMIT 1",
            key = self.key,
            table = self.aliased,
            range = self.key_range(above, last),
            rows = self.rows,
        );
        Ok(self.asked(&sql).await?.and_then(|cells| cells.into_iter().next()).flatten())
    }

    /// The row of the whole statement.
    fn begin(&self, last: Option<&str>) -> String {
        let BatchedStatement { work, part, .. } = self;
        let frame = work.frame;
        let row = frame.statement_row(work.step, part, "NULL", "NULL");
        let last = quote::optional(last);
        frame.apart(&format!(
            "{}{row}UPDATE {}.statement SET last = {last}, changed = 0 WHERE position = {} AND number = {};\n",
            frame.held(work.step),
            frame.schema.quoted,
            work.step.position,
            part.number
        ))
    }

    /// Looks at the table, and whether the key serves.
    ///
    /// # Errors
    ///
    /// `Directive` if there is no such column, it may be null, or no index begins with it.
    async fn table(&self) -> Result<BatchTable> {
        let (table, column) = (quote::literal(&catalog_name(self.table)), quote::literal(self.column));
        let sql = format!(
            "SELECT a.attnotnull, EXISTS (SELECT FROM pg_catalog.pg_index AS i \
             WHERE i.indrelid OPERATOR(pg_catalog.=) a.attrelid AND i.indisvalid AND i.indpred IS NULL \
             AND pg_catalog.pg_index_column_has_property(i.indexrelid, 1, 'orderable') \
             AND i.indkey[0] OPERATOR(pg_catalog.=) a.attnum), NULLIF(c.reltuples, -1) \
             FROM pg_catalog.pg_class AS c LEFT JOIN pg_catalog.pg_attribute AS a \
             ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped \
             AND a.attname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident({column}))[1]::pg_catalog.name \
             WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass({table})::pg_catalog.oid"
        );
        let cells = self.asked(&sql).await?.unwrap_or_default();
        let cell = |index: usize| cells.get(index).and_then(Option::as_deref);
        let wrong = match (cell(0), cell(1)) {
            (None, _) => Some("there is no such column"),
            (Some("f"), _) => Some("it may be null, and rows without it would never be changed"),
            (_, Some("t")) => None,
            _ => Some("no ordered index begins with it, so each batch would read the whole table"),
        };
        if let Some(wrong) = wrong {
            return Err(self.not_a_key(wrong));
        }
        let rows = cell(2).and_then(|rows| rows.parse().ok());
        let sql = format!(
            "SELECT {key}::pg_catalog.text FROM {table} ORDER BY {key} DESC LIMIT 1",
            key = self.key,
            table = self.aliased
        );
        let last = self.asked(&sql).await?.and_then(|cells| cells.into_iter().next()).flatten();
        Ok(BatchTable { rows, last })
    }

    fn not_a_key(&self, wrong: &str) -> Error {
        let message = format!("`{}` can't be changed in batches by `{}`", self.table, self.column);
        let help = "name a column that is NOT NULL and that an index begins with, such as the primary key";
        let place = patch_failure::place_at(self.work.step, 0);
        Error::new(ErrorKind::Directive, message).at(place).note(wrong).help(help)
    }

    /// The first row of an answer, asked as the patch would ask.
    async fn asked(&self, sql: &str) -> Result<Option<Vec<Option<String>>>> {
        let (frame, step) = (self.work.frame, self.work.step);
        let lock = self.work.options().lock_timeout;
        let settings = frame.settings(Commit::Now, lock) + &frame.untrusted_objects(step);
        let path = frame.path(step.bundle);
        let (part, restored) = (&self.part.settings, frame.restored());
        let after = if part.is_empty() { "" } else { restored.as_str() };
        let sql = format!("{settings}{path}{part}{EXACT}{ANSWER}{sql};\n{after}");
        let asked = with_timeout(self.work.options(), self.work.session.simple_query(&sql)).await;
        let messages = asked.map_err(|error| failure::own("looking for the next batch", error))?;
        let row = answers(&messages).next();
        Ok(row.map(|row| (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()))
    }
}
