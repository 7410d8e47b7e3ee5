use migrate_core::{Error, ErrorKind, Result};

use crate::named::Change;
use crate::terms::Terms;
use crate::{Flavor, Named, Room};

impl Named {
    /// Gives it another flavor, for which a running server is restarted. If it does not start with that, it is as it
    /// was before.
    ///
    /// A flavor is parsed from its name, its number or its memory in MB.
    ///
    /// # Errors
    ///
    /// Those of [`Named::restart`].
    pub async fn resize(&self, flavor: Flavor) -> Result<()> {
        let change = self.change().await?;
        let before = self.terms()?;
        let after = Terms { flavor, ..before.clone() };
        if after == before {
            return Ok(());
        }
        if self.server().is_none() {
            return after.write(self.state.path());
        }
        self.stop_to_be("resized", &change).await?;
        let Err(error) = self.start_as(&change, &after).await else { return Ok(()) };
        let error = error.context(format!("while resizing instance `{}` to {flavor}", self.name));
        Err(match self.start_as(&change, &before).await {
            Ok(()) => error.note(format!("it is {} again, and runs", before.flavor)),
            Err(again) => error.note(format!("it is {} again, and does not start: {again}", before.flavor)),
        })
    }

    async fn start_as(&self, change: &Change, terms: &Terms) -> Result<()> {
        terms.write(self.state.path())?;
        self.start_now(change).await
    }

    /// Gives its volume this many GB, more than before. A running server runs on.
    ///
    /// # Errors
    ///
    /// `Value` for a size that is smaller than now, or more than the limit.
    pub async fn resize_volume(&self, volume: u64) -> Result<()> {
        let _change = self.change().await?;
        let before = self.terms()?;
        self.instances.limits.admit_volume(volume)?;
        if volume < before.volume {
            let clause = format!(
                "the volume of instance `{}` has {} GB, and can't be reduced to {volume} GB",
                self.name, before.volume
            );
            return Err(Error::new(ErrorKind::Value, clause)
                .help("restore a backup into a new instance with a smaller volume"));
        }
        Terms { volume, ..before }.write(self.state.path())
    }

    /// How much of its volume is used, and how much is left.
    ///
    /// # Errors
    ///
    /// `File` if its directory can't be read; `NotFound` if it was deleted.
    pub fn room(&self) -> Result<Room> {
        let terms = self.terms()?;
        Room::measure(terms.volume, &self.state.data())
    }
}
