use embed_migrate_core::{Error, ErrorKind, Result, quote};

use super::tables::UnreplicatedTable;
use crate::connection::rows::rows;
use crate::query::ask::with_timeout;
use crate::topology::slony::cluster::refused;
use crate::topology::slony::confirm::PollTimer;
use crate::topology::slony::locked_nodes::LockedNodes;

/// The mark of a set of tables that are being moved to another set.
const COMMENT: &str = "migrate: on their way into another set";

const SETS: &str = "SELECT s.set_id, s.set_comment = {comment} FROM {slony}.sl_set AS s \
     WHERE s.set_origin = {slony}.getlocalnodeid({cluster}) ORDER BY s.set_id";

const FREE: &str = "SELECT max(s.set_id) + 1 FROM {slony}.sl_set AS s";

/// Those that receive from the origin come first: the others receive from them.
const RECEIVERS: &str = "SELECT b.sub_receiver, b.sub_provider, b.sub_forward FROM {slony}.sl_subscribe AS b \
     WHERE b.sub_set = {set} AND NOT EXISTS (SELECT FROM {slony}.sl_subscribe AS n \
     WHERE n.sub_set = {new} AND n.sub_receiver = b.sub_receiver) \
     AND (b.sub_provider = {slony}.getlocalnodeid({cluster}) OR EXISTS (SELECT FROM {slony}.sl_subscribe AS p \
     WHERE p.sub_set = {new} AND p.sub_receiver = b.sub_provider)) ORDER BY b.sub_receiver";

const SUBSCRIBED: &str = "SELECT EXISTS (SELECT FROM {slony}.sl_subscribe AS b WHERE b.sub_set = {new})";

const READY: &str = "SELECT NOT {slony}.issubscriptioninprogress({new}) AND NOT EXISTS (SELECT FROM {slony}.sl_subscribe AS b \
     WHERE b.sub_set = {new} AND NOT b.sub_active)";

const ADD: &str = "SELECT {slony}.setaddtable({new}, (SELECT coalesce(max(t.tab_id), 0) + 1 FROM {slony}.sl_table AS t), \
     {table}, {slony}.determineidxnameunique({table}, NULL), {table})";

const SEQUENCES: &str = "SELECT format('%I.%I', n.nspname, s.relname) FROM pg_depend AS d \
     JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace AS n ON n.oid = s.relnamespace \
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') \
     AND d.refobjid = {table}::regclass \
     AND NOT EXISTS (SELECT FROM {slony}.sl_sequence AS q WHERE q.seq_reloid = s.oid) ORDER BY 1";

const ADD_SEQUENCE: &str = "SELECT {slony}.setaddsequence({new}, \
     (SELECT coalesce(max(q.seq_id), 0) + 1 FROM {slony}.sl_sequence AS q), {table}, {table})";

impl LockedNodes<'_> {
    /// Reports tables that are in no set, or adds them; what there is to say of it.
    ///
    /// # Errors
    ///
    /// `SlonyNode` if a node does not take part in time; another run continues what was begun.
    pub(crate) async fn tables(&self, known: &[UnreplicatedTable]) -> Result<Vec<String>> {
        let found = self.unreplicated().await?;
        if self.options().add_to_set {
            return self.add(&found).await;
        }
        let new = found.iter().filter(|table| !known.contains(table));
        Ok(new
            .map(|table| {
                format!(
                    "table {} is in no set: its rows are not replicated until it is added to one (`--add-to-set`)",
                    table.name
                )
            })
            .collect())
    }

    async fn add(&self, found: &[UnreplicatedTable]) -> Result<Vec<String>> {
        let (keyed, keyless): (Vec<_>, Vec<_>) = found.iter().partition(|table| table.keyed);
        let (set, begun) = self.sets().await?;
        let mut notes: Vec<String> = keyless
            .iter()
            .map(|table| {
                format!("table {} has no primary key, and can't be replicated: it was not added", table.name)
            })
            .collect();
        if begun.is_none() && keyed.is_empty() {
            return Ok(notes);
        }
        self.has_daemons().await?;
        // One that is subscribed already takes no more tables: it is merged first.
        if let Some(new) = begun {
            if !self.asks(&on(SUBSCRIBED, set, new)).await? {
                self.fill(new, &keyed).await?;
            }
            self.merge(set, new).await?;
        }
        let left = self.unreplicated().await?;
        let left: Vec<_> = left.iter().filter(|table| table.keyed).collect();
        if !left.is_empty() {
            let new = self.first(FREE).await?.parse().unwrap_or(i32::MAX);
            let comment = quote::literal(COMMENT);
            self.does(&format!("SELECT {{slony}}.storeset({new}, {comment})")).await?;
            self.fill(new, &left).await?;
            self.merge(set, new).await?;
        }
        let added = keyed.iter().map(|table| format!("table {} was added to set {set}", table.name));
        notes.extend(added);
        Ok(notes)
    }

    /// The set to add to, and the set with the tables that are being moved to it.
    async fn sets(&self) -> Result<(i32, Option<i32>)> {
        let sql = SETS.replace("{comment}", &quote::literal(COMMENT));
        let messages = self.cluster.ask(&self.origin.member.session, self.options(), &sql).await?;
        let sets: Vec<(i32, bool)> = rows(&messages)
            .filter_map(|row| Some((row.get(0)?.parse().ok()?, row.get(1) == Some("t"))))
            .collect();
        let begun = sets.iter().find(|(_, ours)| *ours).map(|(set, _)| *set);
        let sets: Vec<i32> = sets.iter().filter(|(_, ours)| !ours).map(|(set, _)| *set).collect();
        match sets.as_slice() {
            [set] => Ok((*set, begun)),
            sets => {
                let names: Vec<String> = sets.iter().map(i32::to_string).collect();
                let message =
                    format!("the origin has several sets ({}), and tables go into one", names.join(", "));
                Err(Error::new(ErrorKind::Unsupported, message)
                    .help("add them with slonik: `SET ADD TABLE`, `SUBSCRIBE SET`, `MERGE SET`"))
            }
        }
    }

    async fn fill(&self, new: i32, tables: &[&UnreplicatedTable]) -> Result<()> {
        for UnreplicatedTable { name, .. } in tables {
            let sql = on(ADD, 0, new).replace("{table}", &quote::literal(name));
            self.does(&sql).await.map_err(|error| error.context(format!("while adding table {name}")))?;
        }
        for UnreplicatedTable { name, .. } in tables {
            let sql = SEQUENCES.replace("{table}", &quote::literal(name));
            let messages = self.cluster.ask(&self.origin.member.session, self.options(), &sql).await?;
            for sequence in rows(&messages).filter_map(|row| row.get(0)) {
                let sql = on(ADD_SEQUENCE, 0, new).replace("{table}", &quote::literal(sequence));
                self.does(&sql).await?;
            }
        }
        Ok(())
    }

    /// Subscribes all who have the one set to the other, and makes one of both once they have the rows.
    async fn merge(&self, set: i32, new: i32) -> Result<()> {
        loop {
            let messages = self
                .cluster
                .ask(&self.origin.member.session, self.options(), &on(RECEIVERS, set, new))
                .await?;
            let receivers: Vec<String> = rows(&messages)
                .filter_map(|row| Some(format!("{}, {}, {}", row.get(1)?, row.get(0)?, row.get(2)? == "t")))
                .collect();
            for receiver in &receivers {
                self.does(&format!("SELECT {{slony}}.subscribeset({new}, {receiver}, false)")).await?;
            }
            self.ready(new).await?;
            if receivers.is_empty() {
                break;
            }
        }
        self.does(&format!("SELECT {{slony}}.mergeset({set}, {new})")).await?;
        self.confirmed().await
    }

    /// Waits until all who subscribed have the rows.
    async fn ready(&self, new: i32) -> Result<()> {
        self.confirmed().await?;
        let options = self.options();
        let mut waiting = PollTimer::new();
        while !self.asks(&on(READY, 0, new)).await? {
            if waiting.since.elapsed() >= options.node_wait {
                let message = format!(
                    "the new tables were not copied to every node within {} s",
                    options.node_wait.as_secs_f32()
                );
                return Err(Error::new(ErrorKind::Node, message)
                    .note("another run with the same option continues")
                    .help("look for errors in the logs of the daemons, or allow more time: `RunOptions::node_wait` (`--node-wait`)"));
            }
            waiting.step(options, || vec!["the copy of the new tables".to_owned()]).await;
        }
        Ok(())
    }

    async fn asks(&self, sql: &str) -> Result<bool> {
        Ok(self.first(sql).await? == "t")
    }

    async fn first(&self, sql: &str) -> Result<String> {
        let messages = self.cluster.ask(&self.origin.member.session, self.options(), sql).await?;
        Ok(rows(&messages).next().and_then(|row| row.get(0)).unwrap_or_default().to_owned())
    }

    /// Changes the cluster, in a transaction of its own and one after another.
    async fn does(&self, sql: &str) -> Result<()> {
        let sql = self.cluster.fill(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = pg_catalog, pg_temp;\n\
             LOCK TABLE {{slony}}.sl_event_lock, {{slony}}.sl_config_lock;\n{sql};\nCOMMIT"
        ));
        let session = &self.origin.member.session;
        let Err(error) = with_timeout(self.options(), session.simple_query(&sql)).await else {
            return Ok(());
        };
        let error = refused("adding tables to a set", error);
        // The session may be gone as well; that it failed is what matters.
        let _ = with_timeout(self.options(), session.simple_query("ROLLBACK")).await;
        Err(error)
    }
}

/// SQL with the numbers of the sets in it.
fn on(sql: &str, set: i32, new: i32) -> String {
    sql.replace("{set}", &set.to_string()).replace("{new}", &new.to_string())
}
