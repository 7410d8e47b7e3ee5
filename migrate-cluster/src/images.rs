//! Images that are made when they are first needed.

use migrate_core::Result;

use crate::cache::{Cache, base_name, word};
use crate::guard::Guard;
use crate::image::{Image, pack};
use crate::initdb::initdb;
use crate::template::{Template, disconnect, send};
use crate::throwaway::site;
use crate::{Installation, Profile, Recipe, Throwaway};

/// Where images are kept for servers of this profile. One that others follow gets a cluster of its own, since all of one
/// image have one system identifier, by which a publisher tells its subscribers' slots apart.
fn kept(profile: &Profile) -> Option<Cache> {
    if profile.replicates() { None } else { Cache::open(profile) }
}

/// The image of a fresh cluster; `None` where nothing can be kept.
pub(crate) async fn base(installation: &Installation, profile: &Profile) -> Result<Option<Image>> {
    let Some(cache) = kept(profile) else { return Ok(None) };
    let name = base_name(installation)?;
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let _lock = cache.lock(&name).await?;
    // Another process may have made it meanwhile.
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let site = site(installation, profile)?;
    let guard: Guard = initdb(&site).await?;
    pack(&site.state.data(), &cache.image_path(&name), &site.account)?;
    cache.prune();
    guard.finish(profile.deadline).await;
    cache.image(&name)
}

/// The image of a cluster with a filled database, and of those that `initdb` makes `template1` only: each of them is 300
/// files. `None` where nothing can be kept.
pub(crate) async fn filled(
    installation: &Installation,
    profile: &Profile,
    recipe: &impl Recipe,
) -> Result<Option<Image>> {
    let Some(cache) = kept(profile) else { return Ok(None) };
    let name = word(&format!("{}\n{}", base_name(installation)?, recipe.digest()));
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let _lock = cache.lock(&name).await?;
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let server = Throwaway::start_with(installation, making(profile)).await?;
    let client = server.instance().connect("postgres").await?;
    let template = Template::of(recipe);
    template.make(client, server.config(), recipe).await?;
    let client = server.instance().connect(&template.name).await?;
    disconnect(&client, "postgres").await?;
    for sql in
        ["ALTER DATABASE template0 IS_TEMPLATE false", "DROP DATABASE template0", "DROP DATABASE postgres"]
    {
        send(&client, sql).await?;
    }
    drop(client);
    server.pack(&cache.image_path(&name)).await?;
    cache.prune();
    cache.image(&name)
}

/// How the server is run that an image is taken of. Log that is not needed any more goes, instead of being kept for
/// use again.
fn making(profile: &Profile) -> Profile {
    Profile {
        settings: Profile::throwaway().setting("wal_recycle", "off").settings,
        port: None,
        ..profile.clone()
    }
}
