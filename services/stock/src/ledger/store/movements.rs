//! The ledger: lines are added and read, never changed.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QueryOrder as _, Set};

use super::entity::movement;
use crate::database::{Page, Paging, StoreError};
use crate::ids::{BatchId, BinId, HandCountId, LocationId, MovementId, SessionId};
use crate::ledger::domain::fact::{Effective, FactId, TimeSource};
use crate::ledger::domain::movement::{Movement, MovementType, Source};
use crate::ledger::domain::quantity::Change;

/// Which movements.
#[derive(Clone, Copy, Debug, Default)]
pub struct MovementFilter {
    /// Only of this batch.
    pub batch: Option<BatchId>,
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only of this photo session.
    pub session: Option<SessionId>,
}

/// Movements, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: MovementFilter,
    paging: &Paging,
) -> Result<Page<Movement>, StoreError> {
    let mut query = movement::Entity::find();
    if let Some(batch) = filter.batch {
        query = query.filter(movement::Column::BatchId.eq(batch.0));
    }
    if let Some(location) = filter.location {
        query = query.filter(movement::Column::StorageLocationId.eq(location.0));
    }
    if let Some(session) = filter.session {
        query = query.filter(movement::Column::ProcessingSessionId.eq(session.0));
    }
    let keys = [movement::Column::MovementId];
    paging
        .falling(connection, query, &keys, Movement::try_from)
        .await
}

/// One movement.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: MovementId,
) -> Result<Option<Movement>, StoreError> {
    let row = movement::Entity::find_by_id(id.0).one(connection).await?;
    row.map(Movement::try_from).transpose()
}

/// The lines that were recorded with a fact, in the order of recording: its own,
/// and those that its arrival made necessary.
pub async fn recorded_with(
    connection: &impl ConnectionTrait,
    fact: FactId,
) -> Result<Vec<Movement>, StoreError> {
    let own = match fact {
        FactId::Entry(id) => movement::Column::MovementId.eq(id.0),
        FactId::Photo(id) => movement::Column::ProcessingSessionId.eq(id.0),
        FactId::Hand(id) => movement::Column::HandCountId.eq(id.0),
    };
    let own = Condition::all()
        .add(own)
        .add(movement::Column::LateFactId.is_null());
    let necessary = movement::Column::LateFactId.eq(fact.uuid());
    let rows = movement::Entity::find()
        .filter(Condition::any().add(own).add(necessary))
        .order_by_asc(movement::Column::MovementId)
        .all(connection)
        .await?;
    rows.into_iter().map(Movement::try_from).collect()
}

/// The lines of a location that took effect at an instant or after it, in the order
/// of recording.
pub async fn since(
    connection: &impl ConnectionTrait,
    location: LocationId,
    instant: DateTime<Utc>,
) -> Result<Vec<Movement>, StoreError> {
    let rows = movement::Entity::find()
        .filter(movement::Column::StorageLocationId.eq(location.0))
        .filter(movement::Column::EffectiveAt.gte(instant))
        .order_by_asc(movement::Column::MovementId)
        .all(connection)
        .await?;
    rows.into_iter().map(Movement::try_from).collect()
}

/// Adds a line.
pub async fn insert(
    connection: &impl ConnectionTrait,
    movement: &Movement,
) -> Result<(), StoreError> {
    movement::Entity::insert(row(movement))
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn row(movement: &Movement) -> movement::ActiveModel {
    let Movement {
        id,
        batch,
        location,
        movement_type,
        change,
        balance,
        source_bin,
        destination_bin,
        source,
        reason,
        fact,
        late_fact,
        allocated,
        user,
        effective,
        created_at,
    } = movement;
    let (photo, hand, entry) = match fact {
        FactId::Photo(session) => (Some(session.0), None, None),
        FactId::Hand(count) => (None, Some(count.0), None),
        FactId::Entry(entry) => (None, None, Some(entry.0).filter(|entry| *entry != id.0)),
    };
    movement::ActiveModel {
        movement_id: Set(id.0),
        batch_id: Set(batch.0),
        storage_location_id: Set(location.0),
        movement_type: Set(movement_type.code().to_owned()),
        quantity: Set(change.get()),
        balance: Set(balance.get()),
        source_bin_id: Set(source_bin.map(|bin| bin.0)),
        destination_bin_id: Set(destination_bin.map(|bin| bin.0)),
        source_type: Set(source.code().to_owned()),
        reason_description: Set(reason.clone()),
        processing_session_id: Set(photo),
        user_id: Set(user.clone()),
        effective_at: Set(effective.at),
        created_at: Set(*created_at),
        hand_count_id: Set(hand),
        corrected_movement_id: Set(entry),
        late_fact_id: Set(*late_fact),
        allocated: Set(*allocated),
        effective_source: Set(effective.source.code().to_owned()),
    }
}

impl TryFrom<movement::Model> for Movement {
    type Error = StoreError;

    fn try_from(row: movement::Model) -> Result<Self, StoreError> {
        let movement::Model {
            movement_id,
            batch_id,
            storage_location_id,
            movement_type,
            quantity,
            balance,
            source_bin_id,
            destination_bin_id,
            source_type,
            reason_description,
            processing_session_id,
            user_id,
            effective_at,
            created_at,
            hand_count_id,
            corrected_movement_id,
            late_fact_id,
            allocated,
            effective_source,
        } = row;
        let entry = || FactId::Entry(MovementId(corrected_movement_id.unwrap_or(movement_id)));
        let photo = processing_session_id.map(|id| FactId::Photo(SessionId(id)));
        let hand = hand_count_id.map(|id| FactId::Hand(HandCountId(id)));
        Ok(Self {
            id: MovementId(movement_id),
            batch: BatchId(batch_id),
            location: LocationId(storage_location_id),
            movement_type: MovementType::from_code(&movement_type)
                .ok_or(StoreError::Corrupt("movement type"))?,
            change: Change::new(quantity).ok_or(StoreError::Corrupt("movement of nothing"))?,
            balance: super::quantity(balance)?,
            source_bin: source_bin_id.map(BinId),
            destination_bin: destination_bin_id.map(BinId),
            source: Source::from_code(&source_type)
                .ok_or(StoreError::Corrupt("movement source"))?,
            reason: reason_description,
            fact: photo.or(hand).unwrap_or_else(entry),
            late_fact: late_fact_id,
            allocated,
            user: user_id,
            effective: Effective {
                at: effective_at,
                source: TimeSource::from_code(&effective_source)
                    .ok_or(StoreError::Corrupt("source of an instant"))?,
            },
            created_at,
        })
    }
}
