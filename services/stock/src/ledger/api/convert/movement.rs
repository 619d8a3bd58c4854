//! `movement.proto`.

use demeter_db::{How, Once};
use demeter_proto::stock::v1 as pb;
use demeter_proto::r#type::v1::Money;

use crate::database::RequestKey;
use crate::grpc::fields::{above_zero, day, instant, key, request_key, timestamp};
use crate::ids::{BatchId, LocationId, PackagingId, ProductId, SessionId, SizeId, TransferId};
use crate::invalid::Invalid;
use crate::ledger::api::{coming, effective, plants};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::count::{Difference, HandCounted, PhotoCount, Replacement};
use crate::ledger::domain::fact::{Named, TimeSource};
use crate::ledger::domain::movement::{Movement, MovementType, Sale, Source};
use crate::ledger::domain::quantity::{Change, Quantity};
use crate::ledger::domain::sureness::{Range, Sureness};
use crate::ledger::store::movements::MovementFilter;
use crate::ledger::usecase::CountByHand;

impl From<Movement> for pb::Movement {
    fn from(movement: Movement) -> Self {
        let is_inbound = movement.change.is_inbound();
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
            trades_pots: _,
            ties,
            user,
            effective,
            created_at,
        } = movement;
        let (unit_price, total_price) = ties.sale.map(prices).unzip();
        let Named {
            entry,
            photo,
            hand,
            month,
        } = fact.named_by(id);
        Self {
            movement_id: id.to_string(),
            batch_id: batch.to_string(),
            movement_type: pb::MovementType::from(movement_type).into(),
            quantity: signed(change),
            balance: plants(balance),
            source_bin_id: source_bin.map(|bin| bin.0),
            destination_bin_id: destination_bin.map(|bin| bin.0),
            source_type: pb::MovementSource::from(source).into(),
            is_inbound,
            reason_description: reason,
            processing_session_id: photo.map(|session| session.to_string()),
            user_id: user,
            effective_time: Some(timestamp(effective.at)),
            create_time: Some(timestamp(created_at)),
            storage_location_id: location.0,
            count_estimate: None,
            effective_time_source: pb::EffectiveTimeSource::from(effective.source).into(),
            manual_count_id: hand.map(|count| count.to_string()),
            corrected_movement_id: entry.map(|entry| entry.to_string()),
            late_fact_id: late_fact.map(|fact| fact.to_string()),
            allocated,
            transfer_id: ties.transfer.map(|transfer| transfer.to_string()),
            reverses_movement_id: ties.reverses.map(|movement| movement.to_string()),
            unit_price,
            total_price,
            empty_containers: i32::try_from(pots).unwrap_or(i32::MAX),
            month_act_id: month.map(|act| act.to_string()),
        }
    }
}

/// What one plant was sold for, and all of them.
fn prices(sale: Sale) -> (Money, Money) {
    let total = Money {
        currency_code: sale.unit.currency.clone(),
        minor_units: sale.total_minor,
    };
    let unit = Money {
        currency_code: sale.unit.currency,
        minor_units: sale.unit.minor,
    };
    (unit, total)
}

/// Plants that came or, below zero, went.
fn signed(change: Change) -> i32 {
    let plants = plants(change.plants());
    if change.is_inbound() { plants } else { -plants }
}

/// How sure a count of so many plants is.
pub(in crate::ledger::api) fn count_estimate(
    quantity: Quantity,
    sureness: Sureness,
) -> pb::CountEstimate {
    let Sureness { range, boxes } = sureness;
    pb::CountEstimate {
        plants: plants(quantity),
        plants_low: range.map(Range::low),
        plants_high: range.map(Range::high),
        boxes,
    }
}

impl From<MovementType> for pb::MovementType {
    fn from(movement_type: MovementType) -> Self {
        match movement_type {
            MovementType::Plantar => Self::Plantar,
            MovementType::Sembrar => Self::Sembrar,
            MovementType::Transplante => Self::Transplante,
            MovementType::Muerte => Self::Muerte,
            MovementType::Ventas => Self::Ventas,
            MovementType::Foto => Self::Foto,
            MovementType::Ajuste => Self::Ajuste,
            MovementType::ManualInit => Self::ManualInit,
        }
    }
}

pub(super) fn movement_type(value: i32) -> Result<MovementType, Invalid> {
    Ok(match pb::MovementType::try_from(value) {
        Ok(pb::MovementType::Plantar) => MovementType::Plantar,
        Ok(pb::MovementType::Sembrar) => MovementType::Sembrar,
        Ok(pb::MovementType::Transplante) => MovementType::Transplante,
        Ok(pb::MovementType::Muerte) => MovementType::Muerte,
        Ok(pb::MovementType::Ventas) => MovementType::Ventas,
        Ok(pb::MovementType::Foto) => MovementType::Foto,
        Ok(pb::MovementType::Ajuste) => MovementType::Ajuste,
        Ok(pb::MovementType::ManualInit) => MovementType::ManualInit,
        Ok(pb::MovementType::Unspecified) | Err(_) => {
            return Err(Invalid::new(
                "movement_type",
                "must be plantar, sembrar, muerte, ventas or ajuste",
            ));
        }
    })
}

impl From<Source> for pb::MovementSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Manual => Self::Manual,
            Source::Ia => Self::Ia,
            Source::Calculated => Self::Calculated,
        }
    }
}

impl From<TimeSource> for pb::EffectiveTimeSource {
    fn from(source: TimeSource) -> Self {
        match source {
            TimeSource::Recorded => Self::Recorded,
            TimeSource::Stated => Self::Stated,
            TimeSource::Photo => Self::Photo,
        }
    }
}

impl TryFrom<pb::CreateManualCountRequest> for CountByHand {
    type Error = Invalid;

    fn try_from(mut request: pb::CreateManualCountRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = request_key("create_manual_count", &request_id, &request)?;
        let pb::CreateManualCountRequest {
            request_id: _,
            storage_location_id,
            product_id,
            packaging_id,
            product_size_id,
            quantity,
            planting_date,
            notes,
            effective_time,
            dry_run: _,
        } = request;
        Ok(Self {
            key: RequestKey { dry_run, ..key },
            effective_at: effective(effective_time)?,
            location: LocationId(storage_location_id),
            product: ProductId(product_id),
            packaging: packaging_id.map(PackagingId),
            size: product_size_id.map(SizeId),
            plants: coming(quantity)?,
            planting_date: day("planting_date", planting_date)?,
            notes,
        })
    }
}

impl TryFrom<pb::PostPhotoCountRequest> for PhotoCount {
    type Error = Invalid;

    fn try_from(request: pb::PostPhotoCountRequest) -> Result<Self, Invalid> {
        let pb::PostPhotoCountRequest {
            processing_session_id,
            storage_location_id,
            quantity,
            observed_time,
            user_id,
            plants_low,
            plants_high,
            boxes,
        } = request;
        Ok(Self {
            session: SessionId(key("processing_session_id", &processing_session_id)?),
            location: LocationId(storage_location_id),
            quantity: Quantity::new(quantity.into())
                .ok_or_else(|| Invalid::new("quantity", "must not be below 0"))?,
            sureness: Sureness {
                range: Range::of(plants_low, plants_high)?,
                boxes,
            },
            observed_at: instant("observed_time", observed_time)?,
            user: user_id,
        })
    }
}

/// The answer to a new batch.
pub(in crate::ledger::api) fn planted(once: Once<Effect>) -> pb::CreateBatchResponse {
    let Once { answer, how } = once;
    let Effect {
        batch,
        movement,
        consequences,
    } = answer;
    pb::CreateBatchResponse {
        batch: Some(batch.into()),
        movement: Some(movement.into()),
        consequences: lines(consequences),
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}

/// The answer to a count by hand.
pub(in crate::ledger::api) fn counted(once: Once<HandCounted>) -> pb::CreateManualCountResponse {
    let Once { answer, how } = once;
    let HandCounted { effect, difference } = answer;
    let Effect {
        batch,
        movement,
        consequences,
    } = effect;
    let Difference {
        previous_quantity,
        current_quantity,
        superseded,
    } = difference;
    pb::CreateManualCountResponse {
        batch: Some(batch.into()),
        movement: Some(movement.into()),
        consequences: lines(consequences),
        previous_quantity: plants(previous_quantity),
        current_quantity: plants(current_quantity),
        superseded,
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}

impl From<Replacement> for pb::PostPhotoCountResponse {
    fn from(replacement: Replacement) -> Self {
        let Replacement {
            batch,
            movements,
            difference,
        } = replacement;
        let Difference {
            previous_quantity,
            current_quantity,
            superseded,
        } = difference;
        Self {
            batch: batch.map(Into::into),
            movements: lines(movements),
            previous_quantity: plants(previous_quantity),
            current_quantity: plants(current_quantity),
            superseded,
        }
    }
}

pub(super) fn lines(movements: Vec<Movement>) -> Vec<pb::Movement> {
    movements.into_iter().map(Into::into).collect()
}

impl TryFrom<&pb::ListMovementsRequest> for MovementFilter {
    type Error = Invalid;

    fn try_from(request: &pb::ListMovementsRequest) -> Result<Self, Invalid> {
        let pb::ListMovementsRequest {
            page_size: _,
            page_token: _,
            batch_id,
            storage_location_id,
            processing_session_id,
            transfer_id,
        } = request;
        let given = |field, text: &str| {
            if text.is_empty() {
                Ok(None)
            } else {
                key(field, text).map(Some)
            }
        };
        Ok(Self {
            batch: given("batch_id", batch_id)?.map(BatchId),
            location: above_zero(*storage_location_id, LocationId),
            session: given("processing_session_id", processing_session_id)?.map(SessionId),
            transfer: given("transfer_id", transfer_id)?.map(TransferId),
        })
    }
}
