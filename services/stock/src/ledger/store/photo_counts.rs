//! Photo counts: one row per session, its idempotency and what it replaced.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::photo_count;
use super::{batches, movements, quantity};
use crate::database::StoreError;
use crate::ids::{BatchId, LocationId, SessionId};
use crate::ledger::domain::batch::Batch;
use crate::ledger::domain::count::{Difference, PhotoCount, Posted, Replacement};
use crate::ledger::domain::fact::FactId;
use crate::ledger::domain::movement::Movement;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::domain::sureness::{Range, Sureness};

/// A session's count and what it did, if it was posted.
pub async fn find(
    connection: &impl ConnectionTrait,
    session: SessionId,
) -> Result<Option<Posted>, StoreError> {
    let Some(row) = photo_count::Entity::find_by_id(session.0)
        .one(connection)
        .await?
    else {
        return Ok(None);
    };
    let movements = movements::recorded_with(connection, &[FactId::Photo(session)]).await?;
    let batch = match row.batch_id {
        Some(id) => {
            let empty = quantity(row.quantity_empty_containers)?;
            Some(batch_then(connection, BatchId(id), &movements, empty).await?)
        }
        None => None,
    };
    let difference = Difference {
        previous_quantity: quantity(row.previous_quantity)?,
        current_quantity: quantity(row.current_quantity)?,
        superseded: row.superseded,
    };
    Ok(Some(Posted {
        at: row.created_at,
        count: PhotoCount::try_from(row)?,
        replacement: Replacement {
            batch,
            movements,
            difference,
        },
    }))
}

/// The photo counts of a location at an instant or after it.
pub async fn since(
    connection: &impl ConnectionTrait,
    location: LocationId,
    instant: DateTime<Utc>,
) -> Result<Vec<PhotoCount>, StoreError> {
    let rows = photo_count::Entity::find()
        .filter(photo_count::Column::StorageLocationId.eq(location.0))
        .filter(photo_count::Column::ObservedAt.gte(instant))
        .all(connection)
        .await?;
    rows.into_iter().map(PhotoCount::try_from).collect()
}

/// What these sessions counted, and how sure that is.
pub async fn estimates(
    connection: &impl ConnectionTrait,
    sessions: impl IntoIterator<Item = SessionId>,
) -> Result<HashMap<SessionId, (Quantity, Sureness)>, StoreError> {
    let keys: Vec<Uuid> = sessions.into_iter().map(|session| session.0).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = photo_count::Entity::find()
        .filter(photo_count::Column::ProcessingSessionId.is_in(keys))
        .all(connection)
        .await?;
    let estimates = rows.iter().map(|row| {
        let session = SessionId(row.processing_session_id);
        Ok((session, (quantity(row.quantity)?, sureness(row)?)))
    });
    estimates.collect()
}

fn sureness(row: &photo_count::Model) -> Result<Sureness, StoreError> {
    let range = Range::of(row.plants_low, row.plants_high);
    Ok(Sureness {
        range: range.map_err(|_out_of_order| StoreError::Corrupt("photo count"))?,
        boxes: row.boxes,
    })
}

/// A batch as it was after the last of these movements that changed it.
async fn batch_then(
    connection: &impl ConnectionTrait,
    id: BatchId,
    movements: &[Movement],
    empty_containers: Quantity,
) -> Result<Batch, StoreError> {
    let batch = batches::find(connection, id).await?;
    let last = movements.iter().rev().find(|movement| movement.batch == id);
    batch
        .zip(last)
        .map(|(batch, last)| batch.after(last, empty_containers))
        .ok_or(StoreError::Corrupt("batch of a photo count"))
}

/// Remembers a count and what it did.
pub async fn insert(connection: &impl ConnectionTrait, posted: &Posted) -> Result<(), StoreError> {
    let Posted {
        count:
            PhotoCount {
                session,
                location,
                quantity,
                sureness: Sureness { range, boxes },
                observed_at,
                user,
            },
        replacement:
            Replacement {
                batch,
                // They name their session.
                movements: _,
                difference:
                    Difference {
                        previous_quantity,
                        current_quantity,
                        superseded,
                    },
            },
        at,
    } = posted;
    let empty = batch.as_ref().map(|batch| batch.holding().empty_containers);
    let row = photo_count::ActiveModel {
        processing_session_id: Set(session.0),
        storage_location_id: Set(location.0),
        quantity: Set(quantity.get()),
        observed_at: Set(*observed_at),
        user_id: Set(user.clone()),
        superseded: Set(*superseded),
        batch_id: Set(batch.as_ref().map(|batch| batch.origin().id.0)),
        quantity_empty_containers: Set(empty.unwrap_or_default().get()),
        previous_quantity: Set(previous_quantity.get()),
        current_quantity: Set(current_quantity.get()),
        created_at: Set(*at),
        plants_low: Set(range.map(Range::low)),
        plants_high: Set(range.map(Range::high)),
        boxes: Set(*boxes),
    };
    photo_count::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

impl TryFrom<photo_count::Model> for PhotoCount {
    type Error = StoreError;

    fn try_from(row: photo_count::Model) -> Result<Self, StoreError> {
        let sureness = sureness(&row)?;
        Ok(Self {
            session: SessionId(row.processing_session_id),
            location: LocationId(row.storage_location_id),
            quantity: quantity(row.quantity)?,
            sureness,
            observed_at: row.observed_at,
            user: row.user_id,
        })
    }
}
