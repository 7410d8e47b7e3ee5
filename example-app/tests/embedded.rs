//! Without `DATABASE_URL` the service brings its own PostgreSQL, and stops it when it ends.

mod support;

use rustix::process::Signal;
use support::{Service, directory, nothing_left, processes, program};

#[test]
fn it_boots_serves_stops_and_boots_again_with_nothing_to_apply() {
    let place = directory();
    let service = Service::start(&mut program(place.path()));
    let applied: Vec<_> = service.printed.iter().filter(|line| line.starts_with("applied ")).collect();
    assert_eq!(applied.len(), 5, "{applied:#?}");
    assert!(applied[0].starts_with("applied study-registry 1.0.0 (patch-1-0-0-std-registry.yaml, "));
    assert!(service.printed.iter().any(|line| line.starts_with("facts 1 of study-registry: ")));
    assert!(service.printed.contains(&"study-registry is at 2.0.0, 5 applied".to_owned()));
    let state = place.path().join(".state");
    assert!(processes(&state).iter().any(|line| line.contains("postgres")), "{:#?}", processes(&state));
    let study = r#"{"code":"CARD-1","title":"Heart failure","phase":3,"target":120}"#;
    assert_eq!(service.post("/studies", study).0, 201);
    assert_eq!(service.stop(Signal::TERM), Some(0));
    nothing_left(&state);

    let service = Service::start(&mut program(place.path()));
    let done = |line: &&String| line.starts_with("applied ") || line.starts_with("facts ");
    assert_eq!(service.printed.iter().find(done), None);
    assert!(service.printed.contains(&"study-registry is at 2.0.0, 0 applied".to_owned()));
    assert_eq!(service.get("/studies/CARD-1").0, 200);
    assert_eq!(service.stop(Signal::INT), Some(0));
    nothing_left(&state);
}

#[test]
fn a_state_directory_may_be_named_and_an_idle_client_does_not_keep_it_running() {
    let place = directory();
    let state = place.path().join("kept/here");
    let service = Service::start(program(place.path()).arg("--state").arg(&state));
    let _idle = service.connection();
    assert_eq!(service.stop(Signal::TERM), Some(0));
    assert!(state.join("data").is_dir() && !place.path().join(".state").exists());
    nothing_left(&state);
}

#[test]
fn its_database_is_worked_on_by_hand_while_it_runs_and_after() {
    let place = directory();
    let by_hand = |arguments: &[&str]| {
        let output = program(place.path()).arg("migrate").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, printed) = by_hand(&["status", "--exit-code"]);
    assert_eq!(code, Some(3));
    assert!(printed.starts_with("study-registry 1.0.0 pending (patch-1-0-0-std-registry.yaml)\n"));
    assert_eq!(by_hand(&["verify"]).0, Some(1));
    let (code, printed) = by_hand(&["up", "--to", "1.2.0"]);
    assert!(code == Some(0) && !printed.contains("facts 1 of study-registry: "), "{printed}");

    let service = Service::start(&mut program(place.path()));
    assert!(service.printed.contains(&"study-registry is at 2.0.0, 1 applied".to_owned()));
    let (code, printed) = by_hand(&["status", "--exit-code"]);
    assert_eq!((code, printed.lines().count()), (Some(0), 6), "{printed}");
    assert_eq!(by_hand(&["verify"]).0, Some(0));
    // The command only attached to the server of the service.
    assert_eq!(service.get("/healthz").0, 200);
    assert_eq!(service.stop(Signal::TERM), Some(0));
    nothing_left(&place.path().join(".state"));
}

#[test]
fn a_check_needs_no_database() {
    let place = directory();
    let output = program(place.path()).args(["migrate", "check", "--locked"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!place.path().join(".state").exists());
}
