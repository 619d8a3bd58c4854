//! Imports a place hierarchy, all or nothing.

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::Clock;

use super::geojson::{Texts, read};
use crate::database::{Store, StoreError};
use crate::error::Error;
use crate::places::usecase::{Imported, import};

/// What one nursery takes in from outside.
#[derive(Clone)]
pub struct Exchange {
    store: Store,
    clock: Clock,
}

// === impl Exchange ===

impl Exchange {
    /// Over a store; the time comes from outside.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Imports places from GeoJSON; see [`import_places`].
    pub async fn import_places(&self, texts: Texts) -> Result<Imported, Error> {
        import_places(&self.store, texts, self.clock.now().trunc_subsecs(6)).await
    }
}

/// Imports places from GeoJSON: reads and checks everything, then stores it in
/// one transaction. Importing the same places again changes nothing.
pub async fn import_places(
    store: &Store,
    texts: Texts,
    now: DateTime<Utc>,
) -> Result<Imported, Error> {
    // Megabytes of text and geometry: not on a thread that serves calls.
    let places = tokio::task::spawn_blocking(move || read(&texts))
        .await
        .map_err(|_panicked| Error::Internal(StoreError::Corrupt("import")))?
        .map_err(Error::Invalid)?;
    import(store, &places, now).await
}
