//! Says what is to grow in a location from now on.

use demeter_db::write;

use super::{Beds, changed, check_lines, lock};
use crate::beds::domain::configuration::{Configuration, Crop};
use crate::beds::store::configurations;
use crate::database::{StoreError, Tx};
use crate::error::Error;
use crate::ids::LocationId;

/// What is to grow where.
#[derive(Clone, Debug)]
pub struct ConfigureLocation {
    /// Where.
    pub location: LocationId,
    /// What.
    pub crop: Crop,
    /// The etag of the configuration that it replaces; whichever is active when `None`.
    pub etag: Option<String>,
}

// === impl Beds ===

impl Beds {
    /// Makes a configuration the active one; the one before is kept as history.
    /// Setting the active one again changes nothing.
    pub async fn configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        write(self.connection(), |tx| async move {
            self.configure(&tx, command).await
        })
        .await
    }

    async fn configure(
        &self,
        tx: &Tx,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        let ConfigureLocation {
            location,
            crop,
            etag,
        } = command;
        let location = lock(tx, *location).await?;
        check_lines(tx, &crop.lines).await?;
        let active = configurations::find(tx, location.id).await?;
        let current = active.as_ref().map(Configuration::etag);
        if etag.is_some() && *etag != current {
            return Err(changed(&location).into());
        }
        if let Some(active) = active.filter(|active| active.crop == *crop) {
            return Ok(active);
        }
        let now = self.now();
        configurations::close(tx, &[location.id], now).await?;
        let new = configurations::insert(tx, &[(location.id, crop)], now).await?;
        let new = new.into_iter().next();
        Ok(new.ok_or(StoreError::Corrupt("new configuration"))?)
    }
}
