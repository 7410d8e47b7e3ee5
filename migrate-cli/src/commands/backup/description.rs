use embed_migrate_cluster::Backup;
use serde_json::{Value, json};

use crate::options::format::Format;
use crate::output::{print, utc};

const MEGABYTE: u64 = 1024 * 1024;

pub(super) fn json(backup: &Backup) -> Value {
    json!({
        "id": backup.id,
        "name": backup.name,
        "description": backup.description,
        "instance": backup.instance,
        "status": backup.status.to_string(),
        "flavor": backup.flavor,
        "volume_gb": backup.volume,
        "server": backup.server,
        "created": utc::timestamp(backup.created),
        "completed": backup.ended.map(utc::timestamp),
        "size_bytes": backup.size,
        "unpacked_bytes": backup.unpacked,
        "rotates": backup.rotates,
        "failure": backup.failure,
        "directory": backup.directory().display().to_string(),
    })
}

pub(super) fn line(backup: &Backup) -> String {
    let Backup { id, name, instance, status, created, .. } = backup;
    let size = backup.size.map(|size| format!(", {} MB", size.div_ceil(MEGABYTE))).unwrap_or_default();
    let failure = backup.failure.as_ref().map(|failure| format!(", {failure}")).unwrap_or_default();
    format!("{id} {status} {name} (of {instance}, {}{size}{failure})", utc::timestamp(*created))
}

/// Everything, a line each.
pub(super) fn text(backup: &Backup) -> String {
    let mut text = format!("id: {}\nname: {}\n", backup.id, backup.name);
    if !backup.description.is_empty() {
        text += &format!("description: {}\n", backup.description);
    }
    text += &format!("instance: {} ({}, {} GB)\n", backup.instance, backup.flavor, backup.volume);
    text += &format!("server: PostgreSQL {}\nstatus: {}\n", backup.server, backup.status);
    if let Some(failure) = &backup.failure {
        text += &format!("failure: {failure}\n");
    }
    text += &format!("created: {}\n", utc::timestamp(backup.created));
    if let (Some(ended), Some(size), Some(unpacked)) = (backup.ended, backup.size, backup.unpacked) {
        let (size, unpacked) = (size.div_ceil(MEGABYTE), unpacked.div_ceil(MEGABYTE));
        text += &format!("completed: {}\nsize: {size} MB, unpacked {unpacked} MB\n", utc::timestamp(ended));
    }
    text += &format!("directory: {}", backup.directory().display());
    text
}

pub(super) fn tell(backup: &Backup, format: Format) {
    match format {
        Format::Json => print::result(json(backup)),
        Format::Text => print::result(line(backup)),
    }
}
