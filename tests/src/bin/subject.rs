//! A program of tests as far as its databases matter: takes one on the shared server, prints the server's process, its
//! directory and the URL, then waits for its standard input to end, and ends its test as the argument says: successfully, or `fail`.

use std::io::{self, Read, Write};

use embed_migrate::testing::{Contents, TestDatabase};
use tokio_postgres::config::Host;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let end = std::env::args().nth(1).unwrap_or_default();
    let contents = Contents::of([]).script("subject", "CREATE TABLE study AS SELECT 7 AS id");
    let database = TestDatabase::new(&contents).await.unwrap_or_else(|error| panic!("{error}"));
    let socket = match &database.config().get_hosts()[0] {
        Host::Unix(socket) => socket.clone(),
        host => panic!("no socket: {host:?}"),
    };
    let directory = socket.parent().unwrap();
    let file = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    let process = file.lines().next().unwrap();
    println!("{process}\n{}\n{}", directory.display(), database.url());
    io::stdout().flush().unwrap();
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    assert_ne!(end, "fail");
}
