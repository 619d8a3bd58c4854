//! Photo counts: one row per session, its idempotency and what it replaced.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{QuerySelect as _, Set};

use super::entity::photo_count;
use crate::database::{StoreError, Tx};
use crate::ids::{LocationId, SessionId};
use crate::ledger::domain::count::{PhotoCount, Replacement};

// === impl Tx ===

impl Tx {
    /// A session's count, what it did and when it was posted, if it was.
    pub async fn find_photo_count(
        &self,
        session: SessionId,
    ) -> Result<Option<(PhotoCount, Replacement, DateTime<Utc>)>, StoreError> {
        let Some(row) = photo_count::Entity::find_by_id(session.0)
            .one(&self.tx)
            .await?
        else {
            return Ok(None);
        };
        let photo_count::Model {
            processing_session_id,
            storage_location_id,
            quantity,
            observed_at,
            user_id,
            superseded: _,
            result,
            created_at,
        } = row;
        let replacement = serde_json::from_str(&result)
            .map_err(|_unreadable| StoreError::Corrupt("photo count"))?;
        let count = PhotoCount {
            session: SessionId(processing_session_id),
            location: LocationId(storage_location_id),
            quantity,
            observed_at,
            user: user_id,
        };
        Ok(Some((count, replacement, created_at)))
    }

    /// Whether a photo that was taken later has been counted in a location.
    pub async fn has_photo_count_after(
        &self,
        location: LocationId,
        instant: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let later = photo_count::Entity::find()
            .filter(photo_count::Column::StorageLocationId.eq(location.0))
            .filter(photo_count::Column::ObservedAt.gt(instant))
            .limit(1)
            .all(&self.tx)
            .await?;
        Ok(!later.is_empty())
    }

    /// Remembers a count and what it did.
    pub async fn insert_photo_count(
        &self,
        count: &PhotoCount,
        replacement: &Replacement,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let PhotoCount {
            session,
            location,
            quantity,
            observed_at,
            user,
        } = count;
        let result = serde_json::to_string(replacement)
            .map_err(|_unreachable| StoreError::Corrupt("photo count"))?;
        let row = photo_count::ActiveModel {
            processing_session_id: Set(session.0),
            storage_location_id: Set(location.0),
            quantity: Set(*quantity),
            observed_at: Set(*observed_at),
            user_id: Set(user.clone()),
            superseded: Set(replacement.superseded),
            result: Set(result),
            created_at: Set(now),
        };
        photo_count::Entity::insert(row)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
