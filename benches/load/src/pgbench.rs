use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{Result, Server, context};

/// `pgbench` on a database.
pub(crate) struct Pgbench {
    program: PathBuf,
    port: u16,
    database: String,
}

/// One that runs.
pub(crate) struct PgbenchRun {
    child: Child,
    directory: PathBuf,
}

impl Pgbench {
    pub(crate) fn new(server: &Server, database: &str) -> Result<Pgbench> {
        Ok(Pgbench {
            program: Server::program("pgbench")?,
            port: server.port(),
            database: database.to_owned(),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--host=127.0.0.1", "--username=postgres", "--no-vacuum", "--port"]);
        command.arg(self.port.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Makes its tables.
    ///
    /// # Errors
    ///
    /// It fails.
    pub(crate) fn initialize(&self) -> Result<()> {
        let status = self.command().args(["--initialize", "--quiet", &self.database]).status();
        let status = status.map_err(context("pgbench"))?;
        if status.success() { Ok(()) } else { Err(format!("pgbench --initialize: {status}").into()) }
    }

    /// Starts that many clients for so long.
    ///
    /// # Errors
    ///
    /// It does not start.
    pub(crate) fn start(&self, clients: usize, time: Duration) -> Result<PgbenchRun> {
        let directory = std::env::temp_dir().join(format!("migrate-benches-pgbench-{}", std::process::id()));
        fs::create_dir_all(&directory).map_err(context(directory.display()))?;
        let mut command = self.command();
        command.args(["--log", "--log-prefix"]).arg(directory.join("log"));
        command.arg(format!("--client={clients}")).arg(format!("--time={}", time.as_secs()));
        let child = command.arg(&self.database).spawn().map_err(context("pgbench"))?;
        Ok(PgbenchRun { child, directory })
    }
}

impl PgbenchRun {
    /// How long each transaction took.
    ///
    /// # Errors
    ///
    /// It failed, or its log can't be read.
    pub(crate) fn finish(mut self) -> Result<Vec<Duration>> {
        let status = self.child.wait().map_err(context("pgbench"))?;
        let mut latencies = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(context(self.directory.display()))? {
            let log = fs::read_to_string(entry?.path())?;
            // client, transaction, microseconds, …
            let cells = log.lines().map(|line| line.split(' ').nth(2).unwrap_or_default());
            let times = cells.map(|cell| cell.parse().map(Duration::from_micros));
            latencies.extend(times.collect::<std::result::Result<Vec<_>, _>>()?);
        }
        fs::remove_dir_all(&self.directory).map_err(context(self.directory.display()))?;
        if status.success() { Ok(latencies) } else { Err(format!("pgbench: {status}").into()) }
    }
}
