//! The ledger: lines are added and read, never changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, Set};

use super::entity::movement;
use crate::database::{Page, Paging, StoreError};
use crate::ids::{BatchId, BinId, LocationId, MovementId, SessionId};
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

/// The movements that a photo session caused, in the order of recording.
pub async fn of_session(
    connection: &impl ConnectionTrait,
    session: SessionId,
) -> Result<Vec<Movement>, StoreError> {
    let rows = movement::Entity::find()
        .filter(movement::Column::ProcessingSessionId.eq(session.0))
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

/// What each batch of a location held at an instant: the sum of what had taken
/// effect by then.
pub async fn quantities_as_of(
    connection: &impl ConnectionTrait,
    of: LocationId,
    instant: DateTime<Utc>,
) -> Result<HashMap<BatchId, i64>, StoreError> {
    let sums: Vec<(Uuid, i64)> = movement::Entity::find()
        .select_only()
        .column(movement::Column::BatchId)
        .column_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "held")
        .filter(movement::Column::StorageLocationId.eq(of.0))
        .filter(movement::Column::EffectiveAt.lte(instant))
        .group_by(movement::Column::BatchId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(sums
        .into_iter()
        .map(|(batch, held)| (BatchId(batch), held))
        .collect())
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
        session,
        user,
        effective_at,
        created_at,
    } = movement;
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
        processing_session_id: Set(session.map(|session| session.0)),
        user_id: Set(user.clone()),
        effective_at: Set(*effective_at),
        created_at: Set(*created_at),
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
        } = row;
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
            session: processing_session_id.map(SessionId),
            user: user_id,
            effective_at,
            created_at,
        })
    }
}
