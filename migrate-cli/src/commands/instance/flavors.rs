use clap::Args;
use embed_migrate_cluster::Flavor;
use serde_json::json;

use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `instance flavors`: shows the flavors.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Flavors {
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Flavors {
    pub(super) fn run(&self) {
        match self.options.format {
            Format::Json => {
                let flavors = Flavor::all().iter().map(|flavor| {
                    let settings: serde_json::Map<_, _> = flavor
                        .settings()
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), json!(value)))
                        .collect();
                    json!({
                        "id": flavor.id(),
                        "name": flavor.name(),
                        "memory_mb": flavor.memory(),
                        "connections": flavor.connections(),
                        "settings": settings,
                    })
                });
                print::result(json!({ "flavors": flavors.collect::<Vec<_>>() }));
            }
            Format::Text => Flavor::all().iter().for_each(|flavor| {
                let settings: Vec<String> =
                    flavor.settings().iter().map(|(name, value)| format!("{name}={value}")).collect();
                print::result(format_args!("{} {flavor}: {}", flavor.id(), settings.join(" ")));
            }),
        }
    }
}
