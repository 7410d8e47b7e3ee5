use embed_migrate_cluster::{DiskSpace, InstanceStatus, NamedInstance};
use embed_migrate_core::Result;
use serde_json::{Value, json};

use crate::options::format::Format;
use crate::output::{print, utc};

const MEGABYTE: u64 = 1024 * 1024;

/// What is printed of an instance.
pub(crate) struct InstanceDescription {
    named: NamedInstance,
    status: InstanceStatus,
    /// `None` while it is being made.
    space: Option<DiskSpace>,
    url: Option<String>,
    /// Settings without effect.
    overridden: Vec<String>,
}

impl InstanceDescription {
    /// Looks at an instance; `None` if it was deleted since it was listed.
    pub(crate) async fn look(named: &NamedInstance) -> Result<InstanceDescription> {
        let status = named.status().await?;
        let space = if status == InstanceStatus::Building { None } else { Some(named.disk_space()?) };
        let url = named.attach().await.ok().map(|instance| instance.url(instance.maintenance_database()));
        // A server that is not running, or refuses the connection, can't say.
        let overridden = named.ineffective_settings().await.unwrap_or_default();
        let overridden = overridden.iter().map(ToString::to_string).collect();
        Ok(InstanceDescription { named: named.clone(), status, space, url, overridden })
    }

    pub(crate) fn json(&self) -> Value {
        let InstanceDescription { named, status, space, url, overridden } = self;
        json!({
            "name": named.name(),
            "status": status.to_string(),
            "flavor": named.flavor().name(),
            "memory_mb": named.flavor().memory(),
            "volume_gb": named.volume(),
            "used_bytes": space.map(|space| space.used),
            "left_bytes": space.map(|space| space.left()),
            "warning": space.and_then(|space| space.warning()),
            "memory_warning": named.flavor().warning(),
            "port": named.port(),
            "listen": named.addresses().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "sslrootcert": named.certificate().map(|path| path.display().to_string()),
            "url": url,
            "overridden": overridden,
            "directory": named.directory().display().to_string(),
            "created": utc::timestamp(named.created()),
        })
    }

    pub(crate) fn line(&self) -> String {
        let InstanceDescription { named, status, space, .. } = self;
        let used = space.map_or_else(String::new, |space| format!(", {} % used", space.percent()));
        let (name, flavor, volume, port) = (named.name(), named.flavor(), named.volume(), named.port());
        format!("{name} {status} ({flavor}, {volume} GB{used}, port {port})")
    }

    /// Everything, a line each.
    pub(crate) fn text(&self) -> String {
        let InstanceDescription { named, status, space, url, .. } = self;
        let mut text = format!("name: {}\nstatus: {status}\n", named.name());
        let flavor = named.flavor();
        text += &format!("flavor: {flavor} ({} connections)\n", flavor.connections());
        text += &format!("volume: {} GB", named.volume());
        if let Some(space) = space {
            text += &format!(", {} MB used, {} MB left", space.used / MEGABYTE, space.left() / MEGABYTE);
        }
        let addresses: Vec<String> = named.addresses().iter().map(ToString::to_string).collect();
        text += &format!("\nport: {}\nlistens on: {}\n", named.port(), addresses.join(", "));
        if let Some(path) = named.certificate() {
            text += &format!("sslrootcert: {}\n", path.display());
        }
        if let Some(url) = url {
            text += &format!("url: {url}\n");
        }
        text += &format!(
            "directory: {}\ncreated: {}",
            named.directory().display(),
            utc::timestamp(named.created())
        );
        text
    }

    /// Prints warnings: a full volume, a flavor with too much memory for the machine, settings without effect.
    pub(crate) fn warn(&self) {
        let space = self.space.and_then(|space| space.warning());
        let memory = self.named.flavor().warning();
        for warning in space.iter().chain(&memory).chain(&self.overridden) {
            print::progress(format_args!("warning: instance `{}`: {warning}", self.named.name()));
        }
    }
}

/// Prints an instance after a command changed it.
pub(crate) async fn print_instance(named: &NamedInstance, format: Format) -> Result<()> {
    let shown = InstanceDescription::look(named).await?;
    match format {
        Format::Json => print::result(shown.json()),
        Format::Text => print::result(shown.line()),
    }
    shown.warn();
    Ok(())
}
