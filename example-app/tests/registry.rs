//! The endpoints, on a database of another server.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use embed_migrate_cluster::{Installation, Throwaway};
use rustix::process::{Pid, Signal, kill_process};
use support::{Service, directory, program};

async fn server() -> Throwaway {
    let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
    Throwaway::start(&installation).await.unwrap()
}

fn check(answer: (u16, String), status: u16, part: &str) {
    assert!(answer.0 == status && answer.1.contains(part), "{answer:?}, not {status} with {part}");
}

#[tokio::test]
async fn studies_are_opened_and_participants_enrolled() {
    let (server, place) = (server().await, directory());
    let mut command = program(place.path());
    let service = Service::start(command.env("DATABASE_URL", server.url("postgres")));
    assert!(!place.path().join(".state").exists());

    check(service.get("/studies"), 200, "[]");
    let study = r#"{"code":"CARD-1","title":"Heart failure","phase":3,"target":120}"#;
    check(service.post("/studies", study), 201, r#""enrolled":0"#);
    check(service.post("/studies", study), 409, "study_pk");
    check(service.post("/studies", r#"{"code":"x","title":"X","target":1}"#), 422, "study_code_form");
    check(service.post("/studies", r#"{"code":"AB-2","title":" ","target":1}"#), 422, "study_title_given");
    check(service.post("/studies", r#"{"code":"AB-2","title":"X"}"#), 422, "target");
    check(service.post("/studies", r#"{"code":"AB-2","title":"\u0000","target":1}"#), 422, "encoding");
    check(service.post("/studies", "{"), 400, "problem");
    check(service.get("/studies/CARD-1"), 200, r#""title":"Heart failure""#);
    check(service.get("/studies/NONE-1"), 404, "`NONE-1`");

    let participants = "/studies/CARD-1/participants";
    let one = r#"{"code":"P-001","site":"LEI","birth_year":1961}"#;
    check(service.post(participants, one), 201, r#""site":"LEI""#);
    check(service.post(participants, one), 409, "participant_pk");
    check(service.post(participants, r#"{"code":"P-2","site":"XXX","birth_year":1961}"#), 422, "site_id");
    check(service.post("/studies/NONE-1/participants", one), 404, "`NONE-1`");
    check(service.get(participants), 200, r#""birth_year":1961"#);
    check(service.get("/studies/NONE-1/participants"), 404, "`NONE-1`");
    check(service.get("/studies"), 200, r#""enrolled":1"#);

    let visits = "/studies/CARD-1/participants/P-001/visits";
    let put = |kind: &str, day: &str| {
        service.request("PUT", &format!("{visits}/{kind}"), &format!(r#"{{"made_on":"{day}"}}"#))
    };
    check(put("baseline", "2026-03-02"), 204, "");
    check(put("baseline", "2026-02-31"), 422, "out of range");
    check(put("baseline", "1926-03-02"), 422, "visit_made_in_our_time");
    check(put("nonsense", "2026-03-02"), 422, "kind_id");
    check(service.get(visits), 200, r#""made_on":"2026-03-02""#);

    let client = server.instance().connect("postgres").await.unwrap();
    client
        .batch_execute("UPDATE study SET opened_at = now() - interval '2 s', closed_at = now()")
        .await
        .unwrap();
    let two = r#"{"code":"P-002","site":"LEI","birth_year":1961}"#;
    check(service.post(participants, two), 409, "closed");
    assert_eq!(service.stop(Signal::TERM), Some(0));
}

#[tokio::test]
async fn health_tells_where_the_database_is_and_when_it_is_gone() {
    let (server, place) = (server().await, directory());
    let mut command = program(place.path());
    let service = Service::start(command.env("DATABASE_URL", server.url("postgres")));
    check(
        service.get("/healthz"),
        200,
        r#""ahead":false,"bundle":"study-registry","head":"2.0.0","pending":0"#,
    );
    // If nothing is pending, it does not read the history.
    let client = server.instance().connect("postgres").await.unwrap();
    client.batch_execute("ALTER TABLE migrate.patch RENAME TO other").await.unwrap();
    check(service.get("/healthz"), 200, r#""head":"2.0.0","pending":0"#);
    client
        .batch_execute("ALTER TABLE migrate.other RENAME TO patch; UPDATE migrate.bundle SET patches = 'odd'")
        .await
        .unwrap();
    check(service.get("/healthz"), 200, r#""head":"2.0.0","pending":0"#);
    server.stop().await.unwrap();
    check(service.get("/healthz"), 503, r#""status":"failing""#);
    check(service.get("/studies"), 503, "problem");
    assert_eq!(service.stop(Signal::TERM), Some(0));
}

#[test]
fn a_database_that_is_not_there_is_named_and_its_password_is_not() {
    let place = directory();
    let mut command = program(place.path());
    command.env("DATABASE_URL", "postgresql://ann:geheim@127.0.0.1:1/registry");
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(output.status.code(), Some(1));
    let why = "cannot connect to `127.0.0.1:1`: connection refused\n";
    assert!(said[0].contains(&format!("waiting for the server (0 s): {why}")), "{said:?}");
    assert!(said[1].starts_with(&format!("error: {why}")), "{said:?}");
    assert!(!said.concat().contains("geheim"));
}

#[test]
fn a_url_that_is_not_utf_8_is_not_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let place = directory();
    let url = std::ffi::OsString::from_vec(b"postgresql:///caf\xe9".to_vec());
    let output = program(place.path()).env("DATABASE_URL", url).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: the variable `DATABASE_URL` is not UTF-8\n"
    );
    assert!(!place.path().join(".state").exists());
}

#[tokio::test]
async fn a_reader_that_goes_away_stops_nothing() {
    let (server, place) = (server().await, directory());
    let mut command = program(place.path());
    let command = command.env("DATABASE_URL", server.url("postgres")).args(["--listen", "127.0.0.1:0"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(process.stdout.take());
    let client = server.instance().connect("postgres").await.unwrap();
    let booted = "SELECT FROM migrate.bundle WHERE name = 'study-registry' AND patches LIKE '% 2.0.0 %'";
    let started = Instant::now();
    while client.query(booted, &[]).await.map_or(true, |rows| rows.is_empty()) {
        assert_eq!(process.try_wait().unwrap(), None);
        assert!(started.elapsed() < Duration::from_secs(60), "it does not boot");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    kill_process(Pid::from_child(&process), Signal::TERM).unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}
