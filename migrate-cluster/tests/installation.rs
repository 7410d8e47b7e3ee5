//! PostgreSQL is found, or the error says what to install.

use embed_migrate_cluster::{ErrorKind, Installation};

#[test]
fn a_named_directory_without_postgresql_says_what_to_install() {
    let error = Installation::find(&|name| (name == "MIGRATE_PG_BIN").then(|| "/nonexistent".to_owned()));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotInstalled);
    assert!(error.to_string().contains("MIGRATE_PG_BIN") && error.to_string().contains("apt-get install"));
}

#[test]
fn it_is_found_by_name_and_in_the_usual_places() {
    let usual = Installation::find(&|_| None).unwrap();
    let directory = usual.directory().to_str().unwrap().to_owned();
    let named = Installation::find(&|name| (name == "MIGRATE_PG_BIN").then(|| directory.clone())).unwrap();
    assert_eq!(named, usual);
    assert!(usual.version().unwrap() >= 10);
    assert_eq!(usual.program("pg_nonsense").unwrap_err().kind(), ErrorKind::NotInstalled);
}
