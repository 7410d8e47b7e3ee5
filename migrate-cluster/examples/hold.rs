//! Runs a server until its standard input ends, or until it is killed: of a directory if one is named,
//! else a throwaway one. Prints the process's number, whether it is ours, the directory and the URL.

use std::io::{self, Read, Write};
use std::path::Path;

use embed_migrate_cluster::{Installation, Instance, Result, Throwaway};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let installation = Installation::find(&|name| std::env::var(name).ok())?;
    match std::env::args().nth(1) {
        Some(directory) => {
            let instance = Instance::start(&installation, Path::new(&directory)).await?;
            hold(&instance);
            instance.stop().await
        }
        None => {
            let server = Throwaway::start(&installation).await?;
            hold(server.instance());
            server.stop().await
        }
    }
}

fn hold(instance: &Instance) {
    let process = instance.process_id().unwrap_or_default();
    let (ours, directory, url) =
        (instance.is_owned(), instance.directory().display(), instance.url("postgres"));
    // Nobody who reads it: then nobody holds the input either.
    let _ = writeln!(io::stdout(), "{process}\n{ours}\n{directory}\n{url}");
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
