use std::io::Write as _;
use std::process::{Command, Stdio};

use std::cell::RefCell;

use harness::{Result, Server, context};
use postgres::Client;

/// The databases of one worker.
pub(crate) struct Databases<'a> {
    /// Where they are.
    pub(crate) server: &'a Server,
    admin: RefCell<Client>,
}

impl Databases<'_> {
    /// Connects.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(crate) fn new(server: &Server) -> Result<Databases<'_>> {
        let mut admin = server.connect("postgres")?;
        admin.batch_execute("SET client_min_messages = 'warning'")?;
        Ok(Databases { server, admin: RefCell::new(admin) })
    }

    /// Makes an empty database, instead of any that there was.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(crate) fn create(&self, database: &str) -> Result<()> {
        self.copy("template0", database)
    }

    /// Makes a copy of a database, instead of any that there was.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(crate) fn copy(&self, template: &str, database: &str) -> Result<()> {
        self.drop(database)?;
        self.run(&format!("CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy"))
    }

    /// Drops a database, if there is one.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub(crate) fn drop(&self, database: &str) -> Result<()> {
        self.drop_subscriptions(database)?;
        self.run(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
    }

    /// A database with subscriptions can't be dropped.
    fn drop_subscriptions(&self, database: &str) -> Result<()> {
        let names =
            self.admin.borrow_mut().query(SUBSCRIPTIONS, &[&database]).map_err(context(SUBSCRIPTIONS))?;
        if names.is_empty() {
            return Ok(());
        }
        let mut client = self.server.connect(database)?;
        for name in names {
            let name: String = name.get(0);
            let apart = format!(
                "ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"
            );
            client.batch_execute(&apart).map_err(context(&apart))?;
            client.batch_execute(&format!("DROP SUBSCRIPTION {name}")).map_err(context(name))?;
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<()> {
        let error = |error: postgres::Error| format!("{sql}: {}", crate::worker::text(&error)).into();
        self.admin.borrow_mut().batch_execute(sql).map_err(error)
    }

    /// Runs SQL by psql, up to the first error. Roles and schemas that it names and that are missing are created; roles that it
    /// creates may be there from an earlier case, since roles belong to the server.
    ///
    /// # Errors
    ///
    /// The program can't be run. What PostgreSQL refuses is in the value, as text.
    pub(crate) fn load(
        &self,
        database: &str,
        sql: &str,
        one_transaction: bool,
    ) -> Result<std::result::Result<(), String>> {
        let mut sql = sql.to_owned();
        loop {
            let Err(error) = psql(self.server, database, &sql, one_transaction)? else { return Ok(Ok(())) };
            if let Some(role) = quoted_between(&error, "role \"", "\" does not exist") {
                self.run(&format!("CREATE ROLE \"{role}\""))?;
            } else if let Some(role) = quoted_between(&error, "role \"", "\" already exists") {
                let Some(changed) = without_creation(&sql, role) else { return Ok(Err(error)) };
                sql = changed;
            } else if let Some(schema) = quoted_between(&error, "schema \"", "\" does not exist") {
                sql = format!("CREATE SCHEMA \"{schema}\";\n{sql}");
            } else if error.contains("\"plpgsql\" already exists") && sql.contains(LANGUAGE) {
                sql = sql.replace(LANGUAGE, "CREATE OR REPLACE PROCEDURAL LANGUAGE");
            } else {
                return Ok(Err(error));
            }
            if !one_transaction {
                self.create(database)?;
            }
        }
    }
}

const LANGUAGE: &str = "CREATE PROCEDURAL LANGUAGE";

const SUBSCRIPTIONS: &str = "\
SELECT pg_catalog.quote_ident(s.subname) FROM pg_catalog.pg_subscription s
  JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1";

fn psql(
    server: &Server,
    database: &str,
    sql: &str,
    one_transaction: bool,
) -> Result<std::result::Result<(), String>> {
    let mut command = Command::new(Server::program("psql")?);
    command.args([
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-o",
        "/dev/null",
        "-d",
        &server.url(database),
        "-f",
        "-",
    ]);
    if one_transaction {
        command.arg("-1");
    }
    command.env("PGOPTIONS", "-c statement_timeout=30s -c client_min_messages=warning");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(context("psql"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(sql.as_bytes());
    }
    let output = child.wait_with_output().map_err(context("psql"))?;
    let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(if output.status.success() { Ok(()) } else { Err(error) })
}

fn quoted_between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (head, _) = text.split_once(after)?;
    Some(head.rsplit_once(before)?.1)
}

/// The text with the creation of a role made a change of it that changes nothing.
fn without_creation(sql: &str, role: &str) -> Option<String> {
    let words = ["CREATE ROLE ", "CREATE USER ", "create role ", "create user ", "CREATE GROUP "];
    let spellings = [role.to_owned(), format!("\"{role}\"")];
    let at = words.iter().flat_map(|word| spellings.iter().map(move |name| (word, format!("{word}{name}"))));
    let found = at.into_iter().find(|(_, creation)| sql.contains(creation.as_str()));
    found.map(|(word, creation)| sql.replacen(&creation, &creation.replacen(word, "ALTER ROLE ", 1), 1))
}
