use clap::Subcommand;
use embed_migrate_core::Result;

use super::create::Create;
use super::delete::Delete;
use super::flavors::Flavors;
use super::get::Get;
use super::list::List;
use super::listen::Listen;
use super::port::Port;
use super::resize::{Resize, ResizeVolume};
use super::start_stop::StartStop;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance`: servers with names, which run until they are stopped.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub(crate) enum Instance {
    /// Create an instance, and start its server
    Create(Create),
    /// Show all instances
    List(List),
    /// Show one instance: its status, its URL, and how full its volume is
    Get(Get),
    /// Start an instance's server
    Start(StartStop),
    /// Stop an instance's server
    Stop(StartStop),
    /// Restart an instance's server
    Restart(StartStop),
    /// Change an instance's flavor; restarts its server
    Resize(Resize),
    /// Enlarge an instance's volume
    ResizeVolume(ResizeVolume),
    /// Change the addresses that an instance listens on; restarts its server
    Listen(Listen),
    /// Change an instance's port; restarts its server
    Port(Port),
    /// Stop an instance's server, and remove the instance; its backups stay
    Delete(Delete),
    /// Show the flavors and their settings
    Flavors(Flavors),
}

impl Instance {
    pub(crate) async fn run(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<()> {
        if let Instance::Flavors(flavors) = self {
            flavors.run();
            return Ok(());
        }
        let instances = self.options().instances(variables)?;
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

    pub(crate) fn options(&self) -> &InstanceOptions {
        match self {
            Instance::Create(create) => &create.options,
            Instance::List(list) => &list.options,
            Instance::Get(get) => &get.options,
            Instance::Start(run) | Instance::Stop(run) | Instance::Restart(run) => &run.options,
            Instance::Resize(resize) => &resize.options,
            Instance::ResizeVolume(resize) => &resize.options,
            Instance::Listen(listen) => &listen.options,
            Instance::Port(port) => &port.options,
            Instance::Delete(delete) => &delete.options,
            Instance::Flavors(flavors) => &flavors.options,
        }
    }
}
