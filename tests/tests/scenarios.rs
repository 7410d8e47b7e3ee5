//! One file for each behaviour of facts: `tests/scenarios/NAME.txt`.
//!
//! A file is a list of sections, each begun by a line `## WORD`, and carried out in order on an empty database:
//!
//! - `deploy`: facts, deployed and committed; deploying them again must plan nothing, and they must hold;
//! - `plan`: the SQL of the deployment before it, the steps after its transaction under `-- after`;
//! - `refused`: instead, what the deployment before it says, and leaves as it was;
//! - `server`, at the beginning: the oldest major version of PostgreSQL that has what the scenario needs;
//! - `sql`: statements, run by hand;
//! - `broken`: what verifying the facts deployed last says by now;
//! - `query`, and `rows`: a query and its rows, values with ` | ` between them.
//!
//! `BLESS=1` writes what came out into `plan`, `refused`, `broken` and `rows`.

use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::diff::PlannedChange;
use embed_migrate_core::facts::{Fact, parse};
use embed_migrate_runtime::{DeployReport, Driver};
use tests::catalog::major;
use tests::{connect, database};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

struct Section {
    word: String,
    text: String,
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("## "), sections.last_mut()) {
            (Some(word), _) => sections.push(Section { word: word.trim().to_owned(), text: String::new() }),
            (None, Some(section)) => section.text += &format!("{line}\n"),
            (None, None) => panic!("a scenario begins with a section: {line}"),
        }
    }
    sections
}

/// What happened in a section, for the next one to check.
#[derive(Default)]
struct Outcome {
    plan: Option<String>,
    refused: Option<String>,
    rows: Option<String>,
    facts: Vec<Fact>,
}

struct Scenario {
    name: String,
    config: Config,
    client: Client,
    last: Outcome,
}

/// A role that is there on every server, to which scenarios give what another role is to own.
const OWNER: &str = "pg_read_all_data";

impl Scenario {
    async fn carry_out(&mut self, section: &Section, expects_refusal: bool) -> Option<String> {
        match section.word.as_str() {
            "server" => {}
            "deploy" => self.deploy(&section.text, expects_refusal).await,
            "sql" => self
                .client
                .batch_execute(&section.text)
                .await
                .unwrap_or_else(|error| panic!("{}: {error:?}", self.name)),
            "query" => self.last.rows = Some(rows(&self.client.simple_query(&section.text).await.unwrap())),
            "plan" => {
                return Some(
                    self.last.plan.clone().unwrap_or_else(|| panic!("{}: nothing was deployed", self.name)),
                );
            }
            "refused" => {
                return Some(
                    self.last.refused.clone().unwrap_or_else(|| panic!("{}: it was not refused", self.name)),
                );
            }
            "rows" => return self.last.rows.clone(),
            "broken" => return Some(self.broken().await),
            other => panic!("{}: `{other}` is no section", self.name),
        }
        None
    }

    async fn deploy(&mut self, text: &str, expects_refusal: bool) {
        let facts = match parse("deploy.yaml", text) {
            Ok(facts) => facts,
            Err(error) if expects_refusal => {
                self.last.refused = Some(error.to_string());
                return;
            }
            Err(error) => panic!("{}: {error}", self.name),
        };
        let mut driver = Driver::connect(&self.config)
            .await
            .unwrap()
            .concurrently()
            .with(|options| options.trust.push(OWNER.into()));
        match driver.deploy(facts.as_slice()).await {
            Ok(_) if expects_refusal => panic!("{}: it was not refused:\n{text}", self.name),
            Err(error) if expects_refusal => self.last.refused = Some(error.to_string()),
            Err(error) => panic!("{}:\n{text}\n{error}", self.name),
            Ok(deployed) => {
                driver.commit().await.unwrap();
                self.last.plan = Some(plan(&deployed));
                let again = driver.deploy(facts.as_slice()).await.unwrap();
                assert!(again.is_empty(), "{}: something is left:\n{text}\n{}", self.name, plan(&again));
                driver.verify(facts.as_slice()).await.unwrap();
                self.last.facts = facts;
            }
        }
    }

    async fn broken(&self) -> String {
        let mut driver =
            Driver::connect(&self.config).await.unwrap().with(|options| options.trust.push(OWNER.into()));
        let error = driver.verify(self.last.facts.as_slice()).await.expect_err(&self.name);
        error.to_string()
    }
}

fn plan(deployed: &DeployReport) -> String {
    let sql = |changes: &[PlannedChange]| {
        changes.iter().map(|change| format!("{};\n", change.sql)).collect::<String>()
    };
    let after =
        if deployed.after.is_empty() { String::new() } else { format!("-- after\n{}", sql(&deployed.after)) };
    let submitted: String =
        deployed.submitted.iter().map(|sql| format!("-- sql\n{}\n", sql.trim())).collect();
    let counts =
        [("inserted", deployed.inserted), ("updated", deployed.updated), ("deleted", deployed.deleted)];
    let counts =
        counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("-- {count} {word}\n"));
    format!("{}{submitted}{after}{}", sql(&deployed.changes), counts.collect::<String>())
}

fn rows(messages: &[SimpleQueryMessage]) -> String {
    let mut text = String::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let values: Vec<&str> = (0..row.len()).map(|column| row.get(column).unwrap_or("NULL")).collect();
            text += &format!("{}\n", values.join(" | "));
        }
    }
    text
}

async fn check(path: &Path, bless: bool) {
    let config = database().await;
    let client = connect(&config).await;
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut scenario = Scenario { name, config, client, last: Outcome::default() };
    let mut sections = sections(&fs::read_to_string(path).unwrap());
    let oldest = sections.first().filter(|section| section.word == "server");
    if let Some(oldest) = oldest.map(|section| section.text.trim().parse::<u32>().unwrap())
        && major(&scenario.client).await < oldest
    {
        return;
    }
    for index in 0..sections.len() {
        let expects_refusal = sections.get(index + 1).is_some_and(|next| next.word == "refused");
        let Some(came) = scenario.carry_out(&sections[index], expects_refusal).await else { continue };
        if bless {
            sections[index].text = format!("{}\n\n", came.trim_end());
        } else {
            assert_eq!(came.trim(), sections[index].text.trim(), "{}, section {}", scenario.name, index + 1);
        }
    }
    if bless {
        let text: String =
            sections.iter().map(|section| format!("## {}\n{}", section.word, section.text)).collect();
        fs::write(path, format!("{}\n", text.trim_end())).unwrap();
    }
}

#[tokio::test]
async fn facts_do_what_the_scenarios_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 10, "the scenarios are gone");
    let bless = std::env::var_os("BLESS").is_some();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut failed = Vec::new();
    for path in paths.into_iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let name = path.display().to_string();
        // The others are worth knowing too.
        if tokio::spawn(async move { check(&path, bless).await }).await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
