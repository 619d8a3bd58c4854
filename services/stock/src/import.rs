//! The import for operators: the same as the RPC, without a server.

use anyhow::Context as _;
use demeter_clock::Clock;

use crate::config::Config;
use crate::database::Store;
pub use crate::exchange::geojson::Texts as PlacesGeoJson;
use crate::exchange::usecase;
pub use crate::places::usecase::Imported;

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
    Ok(usecase::import_places(&Store::new(connection), places.clone(), clock.now()).await?)
}
