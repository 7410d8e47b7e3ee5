use std::path::Path;

use embed_migrate_core::Result;

use super::base_image::kept;
use super::cache::{base_name, digest_word};
use super::database_content::DatabaseContent;
use super::directory::create_context;
use super::template_database::{TemplateDatabase, disconnect, send};
use super::throwaway::Throwaway;
use crate::image::{Image, pack};
use crate::program::guard::Signal;
use crate::program::installation::Installation;
use crate::server::profile::Profile;

impl Throwaway {
    /// Starts a server with a filled database, from an image after the first time. Returns the server and the name of
    /// the database.
    ///
    /// [`Throwaway::config`] leads to this database. The only other database is `template1`: there is neither
    /// `postgres` nor `template0`.
    ///
    /// # Errors
    ///
    /// The errors of [`Throwaway::start`] and of [`DatabaseContent::fill`].
    #[doc(hidden)]
    pub async fn start_filled(
        installation: &Installation,
        content: &impl DatabaseContent,
    ) -> Result<(Throwaway, String)> {
        Throwaway::start_filled_with(installation, Profile::throwaway(), content).await
    }

    /// The same with another profile.
    ///
    /// # Errors
    ///
    /// The errors of [`Throwaway::start_filled`].
    #[doc(hidden)]
    pub async fn start_filled_with(
        installation: &Installation,
        profile: Profile,
        content: &impl DatabaseContent,
    ) -> Result<(Throwaway, String)> {
        let image = filled(installation, &profile, content).await?;
        let (template, kept) = (TemplateDatabase::of(content), image.is_some());
        let mut server =
            Throwaway::serve_image(create_context(installation, &profile)?, profile, image).await?;
        if !kept {
            template.make(server.instance().connect("postgres").await?, server.config(), content).await?;
        }
        server.instance.maintenance_database = template.name.clone();
        Ok((server, template.name))
    }

    /// Stops the server in the normal way, and writes its cluster into an image.
    pub(crate) async fn pack(mut self, to: &Path) -> Result<()> {
        self.instance.halt(Signal::Fast).await?;
        if let Some(owned) = self.instance.owned_server() {
            pack(&owned.context.directory.data(), to, &owned.context.account)?;
        }
        self.stop().await
    }
}

/// The image of a cluster with a filled database. Of the databases of `initdb` it has only `template1`: each of them
/// is 300 files. `None` if there is no cache.
pub(crate) async fn filled(
    installation: &Installation,
    profile: &Profile,
    content: &impl DatabaseContent,
) -> Result<Option<Image>> {
    let Some(cache) = kept(profile) else { return Ok(None) };
    let name = digest_word(&format!("{}\n{}", base_name(installation)?, content.digest()));
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let _lock = cache.lock(&name).await?;
    if let Some(image) = cache.image(&name)? {
        return Ok(Some(image));
    }
    let server = Throwaway::start_with(installation, making(profile)).await?;
    let client = server.instance().connect("postgres").await?;
    let template = TemplateDatabase::of(content);
    template.make(client, server.config(), content).await?;
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

/// The profile of a server that an image is taken of. It removes old WAL files instead of keeping them for reuse.
fn making(profile: &Profile) -> Profile {
    Profile {
        settings: Profile::throwaway().setting("wal_recycle", "off").settings,
        port: None,
        ..profile.clone()
    }
}
