//! Counts by hand: one row each, and what they replaced.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::hand_count;
use super::quantity;
use crate::catalog::domain::Kind;
use crate::database::StoreError;
use crate::ids::{HandCountId, LocationId};
use crate::ledger::domain::count::{Difference, HandCount};
use crate::ledger::domain::fact::{Covers, Effective, TimeSource};

/// What a count by hand did to its location.
pub async fn difference(
    connection: &impl ConnectionTrait,
    id: HandCountId,
) -> Result<Option<Difference>, StoreError> {
    let row = hand_count::Entity::find_by_id(id.0).one(connection).await?;
    row.map(|row| {
        Ok(Difference {
            previous_quantity: quantity(row.previous_quantity)?,
            current_quantity: quantity(row.current_quantity)?,
            superseded: row.superseded,
        })
    })
    .transpose()
}

/// One count.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: HandCountId,
) -> Result<Option<HandCount>, StoreError> {
    let row = hand_count::Entity::find_by_id(id.0).one(connection).await?;
    row.map(HandCount::try_from).transpose()
}

/// The counts by hand of a location at an instant or after it.
pub async fn since(
    connection: &impl ConnectionTrait,
    location: LocationId,
    instant: DateTime<Utc>,
) -> Result<Vec<HandCount>, StoreError> {
    let rows = hand_count::Entity::find()
        .filter(hand_count::Column::StorageLocationId.eq(location.0))
        .filter(hand_count::Column::ObservedAt.gte(instant))
        .all(connection)
        .await?;
    rows.into_iter().map(HandCount::try_from).collect()
}

/// Remembers a count and what it did.
pub async fn insert(
    connection: &impl ConnectionTrait,
    count: &HandCount,
    difference: Difference,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let HandCount {
        id,
        location,
        kind,
        plants,
        covers,
        effective,
        user,
    } = count;
    let Difference {
        previous_quantity,
        current_quantity,
        superseded,
    } = difference;
    let (product, state, size, packaging) = kind.keys();
    let row = hand_count::ActiveModel {
        hand_count_id: Set(id.0),
        storage_location_id: Set(location.0),
        product_id: Set(product),
        product_state_id: Set(state),
        product_size_id: Set(size),
        packaging_id: Set(packaging),
        quantity: Set(plants.get()),
        observed_at: Set(effective.at),
        observed_source: Set(effective.source.code().to_owned()),
        user_id: Set(user.clone()),
        superseded: Set(superseded),
        previous_quantity: Set(previous_quantity.get()),
        current_quantity: Set(current_quantity.get()),
        created_at: Set(now),
        covers: Set(covers.code().to_owned()),
    };
    hand_count::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

impl TryFrom<hand_count::Model> for HandCount {
    type Error = StoreError;

    fn try_from(row: hand_count::Model) -> Result<Self, StoreError> {
        let hand_count::Model {
            hand_count_id,
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            quantity,
            observed_at,
            observed_source,
            user_id,
            superseded: _,
            previous_quantity: _,
            current_quantity: _,
            created_at: _,
            covers,
        } = row;
        let corrupt = || StoreError::Corrupt("count by hand");
        Ok(Self {
            id: HandCountId(hand_count_id),
            location: LocationId(storage_location_id),
            kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
            plants: self::quantity(quantity)?,
            covers: Covers::from_code(&covers).ok_or_else(corrupt)?,
            effective: Effective {
                at: observed_at,
                source: TimeSource::from_code(&observed_source).ok_or_else(corrupt)?,
            },
            user: user_id,
        })
    }
}
