//! Changes the active configuration of a location: in place, or to none.

use demeter_db::write;

use super::{Beds, changed, check_lines, lock_of};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::{Configuration, Crop};
use crate::beds::store::configurations;
use crate::database::Tx;
use crate::error::{Error, Refusal};
use crate::ids::ConfigurationId;

/// What a configuration is to say instead.
#[derive(Clone, Debug)]
pub struct EditConfiguration {
    /// Which.
    pub id: ConfigurationId,
    /// The etag that it was read with.
    pub etag: String,
    /// What it is to say.
    pub crop: Crop,
}

/// A configuration to be closed.
#[derive(Clone, Debug)]
pub struct Deactivate {
    /// Which.
    pub id: ConfigurationId,
    /// The etag that it was read with.
    pub etag: String,
}

// === impl Beds ===

impl Beds {
    /// Edits the active configuration of a location in place.
    pub async fn edit_configuration(
        &self,
        command: &EditConfiguration,
    ) -> Result<Configuration, Error> {
        write(self.connection(), |tx| async move {
            self.edit(&tx, command).await
        })
        .await
    }

    /// Closes the active configuration of a location: nothing is expected there any
    /// more. Closing a closed one changes nothing.
    pub async fn deactivate_configuration(
        &self,
        command: &Deactivate,
    ) -> Result<Configuration, Error> {
        write(self.connection(), |tx| async move {
            self.deactivate(&tx, command).await
        })
        .await
    }

    async fn edit(&self, tx: &Tx, command: &EditConfiguration) -> Result<Configuration, Error> {
        let EditConfiguration { id, etag, crop } = command;
        let (location, active) = lock_of(tx, *id).await?;
        let active = active.filter(|active| active.id == *id);
        let active = active.ok_or(Refusal::ConfigurationClosed(id.0))?;
        same(&location, &active, etag)?;
        check_lines(tx, &crop.lines).await?;
        if active.crop == *crop {
            return Ok(active);
        }
        let edited = Configuration {
            crop: crop.clone(),
            revision: active.revision + 1,
            updated_at: self.now(),
            ..active
        };
        configurations::edit(tx, &edited).await?;
        Ok(edited)
    }

    async fn deactivate(&self, tx: &Tx, command: &Deactivate) -> Result<Configuration, Error> {
        let Deactivate { id, etag } = command;
        let (location, active) = lock_of(tx, *id).await?;
        let Some(active) = active.filter(|active| active.id == *id) else {
            let closed = configurations::get(tx, *id).await;
            return Error::found(closed, "configuration", id);
        };
        same(&location, &active, etag)?;
        let now = self.now();
        configurations::close(tx, &[location.id], now).await?;
        Ok(Configuration {
            closed_at: Some(now),
            ..active
        })
    }
}

/// Refused unless the configuration is as it was read.
fn same(location: &LockedLocation, active: &Configuration, etag: &str) -> Result<(), Error> {
    if active.etag() == etag {
        return Ok(());
    }
    Err(changed(location).into())
}
