//! Dumps a database into a file: `dump URL FILE`.

use embed_migrate_cluster::{Dump, Installation, Result, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (url, file) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let installation = Installation::find(&|name| std::env::var(name).ok())?;
    Dump::new(&installation, &Settings::parse(&url, &|_| None)?).write(file.as_ref()).await?;
    Ok(())
}
