//! Works on the named instances of a state directory: `instances VERB STATE NAME`.

use std::io::{self, Read, Write};

use embed_migrate_cluster::{Flavor, Installation, Instances, NewBackup, NewInstance, Result, UserOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, state, name] = arguments.as_slice() else {
        return Ok(());
    };
    let installation = Installation::find(&|name| std::env::var(name).ok())?;
    let instances = Instances::open(&installation, state.as_ref())?;
    match verb.as_str() {
        "create" => drop(instances.create(&NewInstance::new(name, Flavor::smallest(), 1)).await?),
        // Starts the server, leaves it running, and stays.
        "linger" => {
            instances.get(name)?.start().await?;
            wait();
        }
        "hold" => {
            let instance = instances.get(name)?.hold().await?;
            wait();
            instance.stop().await?;
        }
        "backup" => drop(instances.get(name)?.create_backup(&NewBackup::new("example")).await?),
        "restore" => {
            let backup = instances.backup("example")?;
            drop(instances.restore_backup(&backup, &NewInstance::new(name, Flavor::smallest(), 1)).await?);
        }
        "cycle" => {
            instances.get(name)?.start().await?;
            instances.get(name)?.restart().await?;
        }
        "user" => {
            let user = instances.get(name)?.attach().await?.user("example");
            user.create(&UserOptions::new().host("127.0.0.1".parse()?)).await?;
            user.set_hosts(&["::1".parse()?]).await?;
        }
        "delete" => instances.get(name)?.delete().await?,
        _ => {}
    }
    Ok(())
}

/// Says that it is done, and waits for its input to end.
fn wait() {
    // Nobody who reads it: then nobody holds the input either.
    let _ = writeln!(io::stdout(), "ready");
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
