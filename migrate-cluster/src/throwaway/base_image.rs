use embed_migrate_core::Result;

use super::cache::{Cache, base_name};
use super::directory::create_context;
use crate::image::{Image, pack};
use crate::program::guard::Guard;
use crate::program::installation::Installation;
use crate::server::initdb::initdb;
use crate::server::profile::Profile;

/// The cache of images for servers of this profile. A server that others replicate from needs its own cluster: all
/// servers of one image have the same system identifier, by which a publisher distinguishes its subscribers' slots.
pub(crate) fn kept(profile: &Profile) -> Option<Cache> {
    if profile.replicates() { None } else { Cache::open(profile) }
}

/// The image of a new cluster; `None` if there is no cache.
pub(crate) async fn base(installation: &Installation, profile: &Profile) -> Result<Option<Image>> {
    let Some(cache) = kept(profile) else { return Ok(None) };
    let name = base_name(installation)?;
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let _lock = cache.lock(&name).await?;
    // Another process may have created it meanwhile.
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let context = create_context(installation, profile)?;
    let guard: Guard = initdb(&context).await?;
    pack(&context.directory.data(), &cache.image_path(&name), &context.account)?;
    cache.prune();
    guard.finish(profile.deadline).await;
    cache.image(&name)
}
