//! Removes what uploads that were cut off left behind.

use chrono::{Duration, Utc};
use tracing::info;

use crate::database::Store;
use crate::error::Error;
use crate::pictures::Pictures;
use crate::uploads::store::pending;

/// No upload takes this long.
const STALE_AFTER: Duration = Duration::hours(1);

/// Deletes the objects of uploads that began long ago and never became a
/// photo; says how many.
pub async fn sweep(
    store: &Store,
    pictures: &Pictures,
    now: chrono::DateTime<Utc>,
) -> Result<usize, Error> {
    let stale = pending::list_stale(store, now - STALE_AFTER).await?;
    for upload in &stale {
        pictures.delete(upload.session, upload.format).await?;
        pending::delete(store, upload.session).await?;
        info!(session.id = %upload.session.0, "swept an upload that was cut off");
    }
    Ok(stale.len())
}
