//! The import for operators: the same as the RPC, without a server.

use anyhow::Context as _;
use demeter_clock::Clock;

use crate::config::Config;
use crate::domain::import::Texts;
use crate::store::Store;
use crate::usecase;
pub use crate::usecase::Imported;

/// Three GeoJSON FeatureCollections; an empty text holds no places.
#[derive(Clone, Debug, Default)]
pub struct PlacesGeoJson {
    /// Properties: `name`.
    pub warehouses: String,
    /// Properties: `label`, `nave`.
    pub areas: String,
    /// Properties: `label`, `cantero`, `nave`.
    pub locations: String,
}

/// Imports a place hierarchy into the migrated database of `config`, all or
/// nothing; importing it again changes nothing. The error names every fault.
pub async fn import_places(
    config: &Config,
    clock: &Clock,
    places: &PlacesGeoJson,
) -> anyhow::Result<Imported> {
    let connection = demeter_db::open(&config.database, crate::app::SCHEMA)
        .await
        .context("cannot open the database")?;
    let PlacesGeoJson {
        warehouses,
        areas,
        locations,
    } = places;
    let texts = Texts {
        warehouses,
        areas,
        locations,
    };
    Ok(usecase::import(&Store::new(connection), texts, clock.now()).await?)
}
