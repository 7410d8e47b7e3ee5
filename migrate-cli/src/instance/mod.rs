//! `instance`: a file a command, and what they print.

mod create;
mod delete;
mod flavors;
mod get;
mod list;
mod listen;
mod port;
mod resize;
mod run;
mod shown;

use clap::Subcommand;
use migrate_core::Result;

use crate::At;
use crate::exit::EXIT_CODES;

pub use create::{Create, Size};
pub use delete::Delete;
pub use flavors::Flavors;
pub use get::Get;
pub use list::List;
pub use listen::Listen;
pub use port::Port;
pub use resize::{Resize, ResizeVolume};
pub use run::Run;
pub(crate) use shown::tell;

/// `instance`: servers with names, which run until they are stopped.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub enum Instance {
    /// Make an instance, start its server and leave it running
    Create(Create),
    /// Show all instances
    List(List),
    /// Show one instance: its status, its URL, how full its volume is
    Get(Get),
    /// Start a server, and leave it running
    Start(Run),
    /// Stop a server
    Stop(Run),
    /// Stop a server, and start it
    Restart(Run),
    /// Give an instance another flavor, for which its server is restarted
    Resize(Resize),
    /// Give an instance a larger volume
    ResizeVolume(ResizeVolume),
    /// Have an instance listen on other addresses, for which its server is restarted
    Listen(Listen),
    /// Give an instance another port, for which its server is restarted
    Port(Port),
    /// Stop a server and remove the instance; its backups stay
    Delete(Delete),
    /// Show the flavors, and the settings that follow from them
    Flavors(Flavors),
}

impl Instance {
    pub(crate) async fn run(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<()> {
        if let Instance::Flavors(flavors) = self {
            flavors.run();
            return Ok(());
        }
        let instances = self.at().instances(variables)?;
        match self {
            Instance::Create(create) => create.run(&instances).await,
            Instance::List(list) => list.run(&instances).await,
            Instance::Get(get) => get.run(&instances).await,
            Instance::Start(run) => run.start(&instances).await,
            Instance::Stop(run) => run.stop(&instances).await,
            Instance::Restart(run) => run.restart(&instances).await,
            Instance::Resize(resize) => resize.run(&instances).await,
            Instance::ResizeVolume(resize) => resize.run(&instances).await,
            Instance::Listen(listen) => listen.run(&instances).await,
            Instance::Port(port) => port.run(&instances).await,
            Instance::Delete(delete) => delete.run(&instances).await,
            Instance::Flavors(_) => Ok(()),
        }
    }

    pub(crate) fn at(&self) -> &At {
        match self {
            Instance::Create(create) => &create.at,
            Instance::List(list) => &list.at,
            Instance::Get(get) => &get.at,
            Instance::Start(run) | Instance::Stop(run) | Instance::Restart(run) => &run.at,
            Instance::Resize(resize) => &resize.at,
            Instance::ResizeVolume(resize) => &resize.at,
            Instance::Listen(listen) => &listen.at,
            Instance::Port(port) => &port.at,
            Instance::Delete(delete) => &delete.at,
            Instance::Flavors(flavors) => &flavors.at,
        }
    }
}
