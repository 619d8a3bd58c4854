//! The ledger: lines are added and read, never changed.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QueryOrder as _, Set};

use super::entity::movement;
use crate::catalog::domain::Money;
use crate::database::{Page, Paging, ROWS_AT_ONCE, StoreError};
use crate::ids::{
    BatchId, BinId, HandCountId, LocationId, MonthActId, MovementId, SessionId, TransferId,
};
use crate::ledger::domain::fact::{Effective, FactId, Named, TimeSource};
use crate::ledger::domain::movement::{Movement, MovementType, Sale, Source, Ties};
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
    /// Only of this transplant.
    pub transfer: Option<TransferId>,
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
    if let Some(transfer) = filter.transfer {
        query = query.filter(movement::Column::TransferId.eq(transfer.0));
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

/// The lines that were recorded with facts, in the order of recording: their own, and
/// those that their arrival made necessary.
pub async fn recorded_with(
    connection: &impl ConnectionTrait,
    facts: &[FactId],
) -> Result<Vec<Movement>, StoreError> {
    let mut lines = Vec::new();
    for facts in facts.chunks(ROWS_AT_ONCE) {
        let rows = movement::Entity::find()
            .filter(arrived_with(facts))
            .order_by_asc(movement::Column::MovementId)
            .all(connection)
            .await?;
        for row in rows {
            lines.push(Movement::try_from(row)?);
        }
    }
    Ok(lines)
}

fn arrived_with(facts: &[FactId]) -> Condition {
    let (mut entries, mut photos) = (Vec::new(), Vec::new());
    let (mut hands, mut months) = (Vec::new(), Vec::new());
    for fact in facts {
        match fact {
            FactId::Entry(id) => entries.push(id.0),
            FactId::Photo(id) => photos.push(id.0),
            FactId::Hand(id) => hands.push(id.0),
            FactId::Month(id) => months.push(id.0),
        }
    }
    let own = Condition::any()
        .add(movement::Column::MovementId.is_in(entries))
        .add(movement::Column::ProcessingSessionId.is_in(photos))
        .add(movement::Column::HandCountId.is_in(hands))
        .add(movement::Column::MonthActId.is_in(months));
    let own = Condition::all()
        .add(own)
        .add(movement::Column::LateFactId.is_null());
    let necessary = movement::Column::LateFactId.is_in(facts.iter().map(|fact| fact.uuid()));
    Condition::any().add(own).add(necessary)
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

/// These lines, in the order of recording.
pub async fn all_of(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = MovementId>,
) -> Result<Vec<Movement>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut lines = Vec::with_capacity(ids.len());
    for ids in ids.chunks(ROWS_AT_ONCE) {
        let rows = movement::Entity::find()
            .filter(movement::Column::MovementId.is_in(ids.iter().copied()))
            .order_by_asc(movement::Column::MovementId)
            .all(connection)
            .await?;
        for row in rows {
            lines.push(Movement::try_from(row)?);
        }
    }
    Ok(lines)
}

/// The lines that make up a transplant, in the order of recording.
pub async fn of_transfer(
    connection: &impl ConnectionTrait,
    transfer: TransferId,
) -> Result<Vec<Movement>, StoreError> {
    let rows = movement::Entity::find()
        .filter(movement::Column::TransferId.eq(transfer.0))
        .order_by_asc(movement::Column::MovementId)
        .all(connection)
        .await?;
    rows.into_iter().map(Movement::try_from).collect()
}

/// The movement that takes back this one, if it was taken back.
pub async fn reversal_of(
    connection: &impl ConnectionTrait,
    id: MovementId,
) -> Result<Option<MovementId>, StoreError> {
    let row = movement::Entity::find()
        .filter(movement::Column::ReversesMovementId.eq(id.0))
        .one(connection)
        .await?;
    Ok(row.map(|row| MovementId(row.movement_id)))
}

/// Adds lines.
pub async fn insert(
    connection: &impl ConnectionTrait,
    movements: &[Movement],
) -> Result<(), StoreError> {
    for movements in movements.chunks(ROWS_AT_ONCE) {
        movement::Entity::insert_many(movements.iter().map(row))
            .exec_without_returning(connection)
            .await?;
    }
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
        pots,
        trades_pots,
        ties: Ties {
            transfer,
            reverses,
            sale,
        },
        user,
        effective,
        created_at,
    } = movement;
    let named = fact.named_by(*id);
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
        processing_session_id: Set(named.photo.map(|photo| photo.0)),
        user_id: Set(user.clone()),
        effective_at: Set(effective.at),
        created_at: Set(*created_at),
        hand_count_id: Set(named.hand.map(|count| count.0)),
        corrected_movement_id: Set(named.entry.map(|entry| entry.0)),
        late_fact_id: Set(*late_fact),
        allocated: Set(*allocated),
        effective_source: Set(effective.source.code().to_owned()),
        transfer_id: Set(transfer.map(|transfer| transfer.0)),
        reverses_movement_id: Set(reverses.map(|movement| movement.0)),
        unit_price_minor_units: Set(sale.as_ref().map(|sale| sale.unit.minor)),
        total_price_minor_units: Set(sale.as_ref().map(|sale| sale.total_minor)),
        price_currency: Set(sale.as_ref().map(|sale| sale.unit.currency.clone())),
        empty_containers: Set(*pots),
        trades_empty_containers: Set(*trades_pots),
        month_act_id: Set(named.month.map(|act| act.0)),
    }
}

impl TryFrom<movement::Model> for Movement {
    type Error = StoreError;

    fn try_from(row: movement::Model) -> Result<Self, StoreError> {
        let ties = ties(&row)?;
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
            transfer_id: _,
            reverses_movement_id: _,
            unit_price_minor_units: _,
            total_price_minor_units: _,
            price_currency: _,
            empty_containers,
            trades_empty_containers,
            month_act_id,
        } = row;
        let named = Named {
            entry: corrected_movement_id.map(MovementId),
            photo: processing_session_id.map(SessionId),
            hand: hand_count_id.map(HandCountId),
            month: month_act_id.map(MonthActId),
        };
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
            fact: named.fact_of(MovementId(movement_id)),
            late_fact: late_fact_id,
            allocated,
            pots: empty_containers,
            trades_pots: trades_empty_containers,
            ties,
            user: user_id,
            effective: effective(effective_at, &effective_source)?,
            created_at,
        })
    }
}

fn effective(at: DateTime<Utc>, source: &str) -> Result<Effective, StoreError> {
    let source = TimeSource::from_code(source);
    let source = source.ok_or(StoreError::Corrupt("source of an instant"))?;
    Ok(Effective { at, source })
}

fn ties(row: &movement::Model) -> Result<Ties, StoreError> {
    let price = (
        row.unit_price_minor_units,
        row.total_price_minor_units,
        row.price_currency.clone(),
    );
    let sale = match price {
        (None, None, None) => None,
        (Some(minor), Some(total_minor), Some(currency)) => Some(Sale {
            unit: Money { minor, currency },
            total_minor,
        }),
        _ => return Err(StoreError::Corrupt("price of a sale")),
    };
    Ok(Ties {
        transfer: row.transfer_id.map(TransferId),
        reverses: row.reverses_movement_id.map(MovementId),
        sale,
    })
}
