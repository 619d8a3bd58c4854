//! Says what is expected to grow in a location.

use demeter_db::retry;

use super::Stock;
use super::plant::check_kind;
use crate::domain::beds::Configuration;
use crate::domain::catalog::Kind;
use crate::domain::ids::LocationId;
use crate::error::Error;

/// What grows where.
#[derive(Clone, Debug)]
pub struct ConfigureLocation {
    /// Where.
    pub location: LocationId,
    /// What.
    pub kind: Kind,
    /// Planted area in square centimetres; 0 when not stated.
    pub area_cm2: f64,
    /// Free text.
    pub notes: String,
}

// === impl Stock ===

impl Stock {
    /// Makes a configuration the active one; the one before is kept as history.
    /// Setting the active one again changes nothing.
    pub async fn configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        retry(|| self.try_configure_location(command)).await
    }

    async fn try_configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        let ConfigureLocation {
            location,
            kind,
            area_cm2,
            notes,
        } = command;
        let tx = self.store.begin().await?;
        let Some(location) = tx.lock_location(*location).await? else {
            return Err(Error::not_found("storage location", location));
        };
        check_kind(&tx, *kind).await?;
        if let Some(active) = tx.find_configuration(location.id).await? {
            let same_area = active.area_cm2.total_cmp(area_cm2).is_eq();
            if active.kind == *kind && same_area && active.notes == *notes {
                return Ok(active);
            }
            tx.retire_configuration(location.id).await?;
        }
        let configuration = tx
            .insert_configuration(location.id, *kind, (*area_cm2, notes), self.now())
            .await?;
        tx.commit().await?;
        Ok(configuration)
    }
}
