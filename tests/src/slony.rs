use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use embed_migrate_cluster::{Installation, Throwaway};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio_postgres::{Client, Config};

use crate::{connect, database, server, url};

/// A replicated cluster of three nodes with a daemon each: node 1 is the origin of set 1, nodes 2 and 3 subscribe to it.
/// The daemons end with it, and with this process, even after SIGKILL.
pub struct Slony {
    nodes: [Config; 3],
    slons: [Option<Child>; 3],
    servers: Vec<Throwaway>,
}

/// The cluster's name; its schema is `_lp`.
const CLUSTER: &str = "lp";

/// What is on each node before it is replicated, and in set 1; `note` is in no set.
const TABLES: &str = "CREATE TABLE person (id serial PRIMARY KEY, name text NOT NULL);\n\
     CREATE TABLE study (id integer PRIMARY KEY, title text);\n\
     CREATE TABLE note (id integer PRIMARY KEY, body text);";

/// Runs a program until the pipe that it reads comes to its end, which is when this process is gone at the latest. A daemon
/// whose child is between two tries forgets that it was to end, and one that waits for its server takes its time: then all of
/// the process group are killed.
const GUARD: &str = r#"exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
(
    cat >/dev/null
    kill "$program"
    tries=0
    while [ "$tries" -lt 5 ] && kill -0 "$program"; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s KILL 0
) <&3 2>/dev/null &
watcher=$!
exec 3<&-
wait "$program"
kill "$watcher" 2>/dev/null"#;

impl Slony {
    /// Three databases of the shared server.
    pub async fn start() -> Slony {
        Slony::over([database().await, database().await, database().await], Vec::new()).await
    }

    /// Three servers, of which each can be stopped.
    pub async fn apart() -> Slony {
        let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
        let mut servers = Vec::new();
        for _ in 0..3 {
            servers.push(Throwaway::start(&installation).await.unwrap());
        }
        let mut nodes = Vec::new();
        for server in &servers {
            nodes.push(server.database().await.unwrap());
        }
        Slony::over(nodes.try_into().unwrap(), servers).await
    }

    async fn over(nodes: [Config; 3], servers: Vec<Throwaway>) -> Slony {
        installed(&nodes[0]).await;
        for node in &nodes {
            connect(node).await.batch_execute(TABLES).await.unwrap();
        }
        let seed = "INSERT INTO person (name) VALUES ('Ann'), ('Bo'); INSERT INTO study VALUES (1, 'one')";
        connect(&nodes[0]).await.batch_execute(seed).await.unwrap();
        let mut slony = Slony { nodes, slons: [None, None, None], servers };
        slony.slonik(&slony.make()).await;
        for number in 1..=3 {
            slony.start_slon(number);
        }
        slony
            .slonik(
                "SUBSCRIBE SET (ID = 1, PROVIDER = 1, RECEIVER = 2, FORWARD = YES);\n\
                 SUBSCRIBE SET (ID = 1, PROVIDER = 1, RECEIVER = 3, FORWARD = YES);\n",
            )
            .await;
        for number in [2, 3] {
            let copied = "SELECT count(*) = 1 FROM _lp.sl_subscribe WHERE sub_receiver = _lp.getLocalNodeId('_lp') \
                          AND sub_active AND EXISTS (SELECT FROM person WHERE name = 'Bo')";
            slony.until(number, copied).await;
        }
        slony
    }

    /// Where a node is, from 1.
    pub fn node(&self, number: usize) -> &Config {
        &self.nodes[number - 1]
    }

    /// A client of a node.
    pub async fn client(&self, number: usize) -> Client {
        connect(self.node(number)).await
    }

    /// Runs SQL on a node.
    pub async fn run(&self, number: usize, sql: &str) {
        self.client(number).await.batch_execute(sql).await.unwrap();
    }

    /// The server of a node, if each has its own.
    pub fn server(&mut self, number: usize) -> &mut Throwaway {
        &mut self.servers[number - 1]
    }

    /// Starts a node's daemon.
    pub fn start_slon(&mut self, number: usize) {
        let log = fs::File::options().create(true).append(true).open(self.log(number)).unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", GUARD, "guard", "slon", "-s", "100", "-t", "1000", CLUSTER]);
        command.arg(url(self.node(number)));
        command.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        // Out of reach of a signal to our group: the pipe's end is what ends it.
        command.as_std_mut().process_group(0);
        self.slons[number - 1] = Some(command.spawn().unwrap());
    }

    /// Stops a node's daemon, and waits for its end; it is killed if it takes its time.
    pub async fn stop_slon(&mut self, number: usize) {
        let Some(mut guard) = self.slons[number - 1].take() else { return };
        drop(guard.stdin.take());
        guard.wait().await.unwrap();
    }

    /// Waits until a question has the answer `true` on a node.
    pub async fn until(&self, number: usize, sql: &str) {
        let (client, started) = (self.client(number).await, Instant::now());
        while !client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0) {
            let log = || fs::read_to_string(self.log(number)).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_secs(60), "node {number}: never {sql}\n{}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs a script of the cluster's administrator.
    pub async fn slonik(&self, script: &str) {
        let mut command = Command::new("slonik");
        // We wait ourselves, and it would for ten seconds at a time.
        command.arg("-w");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut slonik = command.spawn().expect("slonik: run ./setup");
        let script = self.preamble() + script;
        slonik.stdin.take().unwrap().write_all(script.as_bytes()).await.unwrap();
        let output = slonik.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Ends the daemons and the servers that it has to itself.
    pub async fn stop(mut self) {
        for number in 1..=3 {
            self.stop_slon(number).await;
        }
        for server in std::mem::take(&mut self.servers) {
            server.stop().await.unwrap();
        }
    }

    /// What a daemon prints goes where its node's server is, and with it.
    fn log(&self, number: usize) -> PathBuf {
        let server = self.servers.get(number - 1).unwrap_or_else(|| server());
        let name = self.node(number).get_dbname().unwrap();
        server.instance().directory().join(format!("slon-{name}.log"))
    }

    fn preamble(&self) -> String {
        let mut script = format!("CLUSTER NAME = {CLUSTER};\n");
        for (number, node) in (1..).zip(&self.nodes) {
            writeln!(script, "NODE {number} ADMIN CONNINFO = '{}';", conninfo(node)).unwrap();
        }
        script
    }

    fn make(&self) -> String {
        let mut script = String::from(
            "INIT CLUSTER (ID = 1, COMMENT = 'one');\n\
             CREATE SET (ID = 1, ORIGIN = 1, COMMENT = 'all');\n\
             SET ADD TABLE (SET ID = 1, ORIGIN = 1, ID = 1, FULLY QUALIFIED NAME = 'public.person');\n\
             SET ADD TABLE (SET ID = 1, ORIGIN = 1, ID = 2, FULLY QUALIFIED NAME = 'public.study');\n\
             SET ADD SEQUENCE (SET ID = 1, ORIGIN = 1, ID = 1, FULLY QUALIFIED NAME = 'public.person_id_seq');\n\
             STORE NODE (ID = 2, COMMENT = 'two', EVENT NODE = 1);\n\
             STORE NODE (ID = 3, COMMENT = 'three', EVENT NODE = 1);\n",
        );
        for (server, node) in (1..).zip(&self.nodes) {
            for client in (1..=3).filter(|client| *client != server) {
                let to = conninfo(node);
                writeln!(
                    script,
                    "STORE PATH (SERVER = {server}, CLIENT = {client}, CONNINFO = '{to}', CONNRETRY = 1);"
                )
                .unwrap();
            }
        }
        script
    }
}

/// The same as [`url`], without the quotes that slonik's own would end at.
fn conninfo(node: &Config) -> String {
    url(node).replace('\'', "")
}

/// Fails if the server can't be replicated so.
async fn installed(node: &Config) {
    let sql = "SELECT setting FROM pg_config() WHERE name = 'PKGLIBDIR'";
    let directory: String = connect(node).await.query_one(sql, &[]).await.unwrap().get(0);
    let mut files = fs::read_dir(Path::new(&directory)).unwrap().flatten();
    let found = files.any(|file| file.file_name().to_string_lossy().starts_with("slony1_funcs"));
    assert!(found, "{directory} has no slony1_funcs, the server's part of Slony: run ./setup");
}
