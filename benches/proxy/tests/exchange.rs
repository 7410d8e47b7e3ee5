//! Known exchanges with a real server, and what the proxy must have counted.

#![allow(clippy::unwrap_used, reason = "what the tests share is a test too")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use harness::Server;
use postgres::{Client, NoTls};
use proxy::{Counts, Proxy};

fn exchange(delay: Duration, talk: impl FnOnce(&mut Client)) -> Counts {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], server.port())), delay).unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", proxy.port());
    let mut client = Client::connect(&url, NoTls).unwrap();
    talk(&mut client);
    client.close().unwrap();
    proxy.take()
}

fn count(talk: impl FnOnce(&mut Client)) -> Counts {
    exchange(Duration::ZERO, talk)
}

fn by_type(counts: &[(char, u64)]) -> BTreeMap<char, u64> {
    counts.iter().copied().collect()
}

#[test]
fn a_simple_query_is_one_round_trip_beyond_connecting() {
    let counts = count(|client| drop(client.simple_query("SELECT 1").unwrap()));
    assert_eq!((counts.connections, counts.round_trips), (1, 2));
    assert_eq!(counts.sent, by_type(&[('*', 1), ('Q', 1), ('X', 1)]));
    let reply: BTreeMap<_, _> =
        counts.received.into_iter().filter(|(kind, _)| "TDC".contains(*kind)).collect();
    assert_eq!(reply, by_type(&[('C', 1), ('D', 1), ('T', 1)]));
    // RowDescription of `?column?`, DataRow of `1`, CommandComplete of `SELECT 1`, ReadyForQuery.
    assert_eq!(counts.bytes - counts.bytes_connecting, 34 + 12 + 14 + 6);
    assert_eq!((counts.commits, counts.synchronous_commits), (0, 0));
}

#[test]
fn after_an_error_the_next_query_is_a_round_trip_of_its_own() {
    let counts = count(|client| {
        for _ in 0..20 {
            assert!(client.simple_query("SELECT 1/0").is_err());
        }
    });
    assert_eq!(counts.round_trips, 1 + 20, "{counts:?}");
}

#[test]
fn preparing_and_executing_are_a_round_trip_each() {
    let counts = count(|client| {
        let statement = client.prepare("SELECT $1::int4").unwrap();
        client.query(&statement, &[&1_i32]).unwrap();
        client.query(&statement, &[&2_i32]).unwrap();
        std::mem::forget(statement);
    });
    assert_eq!(counts.round_trips, 1 + 1 + 2);
    assert_eq!(counts.sent, by_type(&[('*', 1), ('B', 2), ('D', 1), ('E', 2), ('P', 1), ('S', 3), ('X', 1)]));
}

#[test]
fn a_copy_waits_once_for_leave_to_send() {
    let counts = count(|client| {
        client.batch_execute("CREATE TEMP TABLE t (id int)").unwrap();
        let mut copy = client.copy_in("COPY t FROM STDIN").unwrap();
        copy.write_all(b"1\n2\n").unwrap();
        assert_eq!(copy.finish().unwrap(), 2);
    });
    // Connecting, the table, preparing the COPY, starting it, the rows.
    assert_eq!(counts.round_trips, 5, "{counts:?}");
}

#[test]
fn only_commits_that_wait_for_the_disk_are_synchronous() {
    let counts = count(|client| {
        client
            .batch_execute("BEGIN; SET LOCAL synchronous_commit = off; CREATE TABLE a (); COMMIT; BEGIN; CREATE TABLE b (); COMMIT")
            .unwrap();
        assert!(client.batch_execute("BEGIN; SELECT 1/0; COMMIT").is_err());
        // Fails: its tag is ROLLBACK.
        client.batch_execute("COMMIT").unwrap();
        client.batch_execute("SET synchronous_commit = off").unwrap();
        client.batch_execute("BEGIN; CREATE TABLE c (); COMMIT").unwrap();
        client.batch_execute("BEGIN; SET LOCAL synchronous_commit = on; RESET ALL; COMMIT").unwrap();
        client.batch_execute("BEGIN").unwrap();
        client.execute("SELECT set_config('synchronous_commit', 'off', true)", &[]).unwrap();
        client.execute("COMMIT", &[]).unwrap();
    });
    assert_eq!((counts.commits, counts.synchronous_commits), (5, 2), "{counts:?}");
}

#[test]
fn latency_is_added_each_way_and_throughput_stays() {
    let delay = Duration::from_millis(20);
    exchange(delay, |client| {
        let start = Instant::now();
        client.simple_query("SELECT 1").unwrap();
        let one = start.elapsed();
        assert!(one >= 2 * delay, "{one:?}");
        // 16 MB: were each chunk of 64 KB delayed after the last, they would take 5 s.
        let start = Instant::now();
        client.simple_query("SELECT repeat('x', 1024) FROM generate_series(1, 16384)").unwrap();
        let many = start.elapsed();
        assert!(many < Duration::from_secs(2), "{many:?}");
    });
}
