//! The requests of `movement_service.proto` that enter movements, and their answers.

use demeter_db::{How, Once};
use demeter_proto::stock::v1 as pb;
use prost::Message;

use super::movement::{lines, movement_type};
use crate::catalog::domain::Money;
use crate::database::RequestKey;
use crate::database::requests::Refused;
use crate::grpc::fields::{key, request_key};
use crate::ids::{BatchId, LocationId, MovementId, PackagingId, ProductId, SizeId, StateId};
use crate::invalid::Invalid;
use crate::ledger::api::{coming, effective, plants};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::{Entry, Movement};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::usecase::{
    Becomes, BedKind, Done, NewMovement, RecordMovement, RecordMovements, Reverse, Target,
    Transplant, Transplanted,
};

/// The key of a request that may be a dry run. Whether it is one is no part of what a
/// request id stands for.
fn keyed(
    operation: &'static str,
    request_id: &str,
    dry_run: bool,
    content: &impl Message,
) -> Result<RequestKey, Invalid> {
    let key = request_key(operation, request_id, content)?;
    Ok(RequestKey { dry_run, ..key })
}

impl TryFrom<pb::CreateMovementRequest> for RecordMovement {
    type Error = Invalid;

    fn try_from(mut request: pb::CreateMovementRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = keyed("create_movement", &request_id, dry_run, &request)?;
        let pb::CreateMovementRequest {
            request_id: _,
            batch_id,
            movement_type,
            quantity,
            reason_description,
            effective_time,
            bed,
            unit_price,
            uses_empty_containers,
            dry_run: _,
        } = request;
        let movement = pb::NewMovement {
            batch_id,
            movement_type,
            quantity,
            reason_description,
            effective_time,
            bed,
            unit_price,
            uses_empty_containers,
        };
        Ok(Self {
            key,
            movement: movement.try_into()?,
        })
    }
}

impl TryFrom<pb::NewMovement> for NewMovement {
    type Error = Invalid;

    fn try_from(movement: pb::NewMovement) -> Result<Self, Invalid> {
        let pb::NewMovement {
            batch_id,
            movement_type: kind,
            quantity,
            reason_description,
            effective_time,
            bed,
            unit_price,
            uses_empty_containers,
        } = movement;
        let entry = Entry::new(movement_type(kind)?, quantity.into(), &reason_description)?;
        let entry = match unit_price {
            Some(price) => entry.priced(price.into())?,
            None => entry,
        };
        let entry = if uses_empty_containers {
            entry.into_empty_pots()?
        } else {
            entry
        };
        Ok(Self {
            target: target(&batch_id, bed)?,
            entry,
            effective_at: effective(effective_time)?,
        })
    }
}

/// A batch or a bed and a kind: one of them has to be named.
fn target(batch_id: &str, bed: Option<pb::BedKind>) -> Result<Target, Invalid> {
    match (batch_id.is_empty(), bed) {
        (false, None) => Ok(Target::Batch(BatchId(key("batch_id", batch_id)?))),
        (true, Some(bed)) => Ok(Target::Bed(bed.into())),
        (true, None) => Err(Invalid::new(
            "batch_id",
            "is required: a UUID; or say in bed which plants of which location",
        )),
        (false, Some(_)) => Err(Invalid::new(
            "bed",
            "must be absent when batch_id names a batch: send one of them",
        )),
    }
}

impl From<pb::BedKind> for BedKind {
    fn from(bed: pb::BedKind) -> Self {
        let pb::BedKind {
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
        } = bed;
        Self {
            location: LocationId(storage_location_id),
            product: ProductId(product_id),
            state: product_state_id.map(StateId),
            size: product_size_id.map(SizeId),
            packaging: packaging_id.map(PackagingId),
        }
    }
}

impl From<pb::SalePrice> for Money {
    fn from(price: pb::SalePrice) -> Self {
        Self {
            minor: price.minor_units,
            currency: price.currency_code,
        }
    }
}

impl TryFrom<pb::BatchCreateMovementsRequest> for RecordMovements {
    type Error = Invalid;

    fn try_from(mut request: pb::BatchCreateMovementsRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = keyed("batch_create_movements", &request_id, dry_run, &request)?;
        Ok(Self {
            key,
            continue_on_error: request.continue_on_error,
            movements: request
                .movements
                .into_iter()
                .map(NewMovement::try_from)
                .collect(),
        })
    }
}

impl TryFrom<pb::CreateTransplantRequest> for Transplant {
    type Error = Invalid;

    fn try_from(mut request: pb::CreateTransplantRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = keyed("create_transplant", &request_id, dry_run, &request)?;
        let pb::CreateTransplantRequest {
            request_id: _,
            batch_id,
            bed,
            destination_storage_location_id,
            destination_product_state_id,
            destination_product_size_id,
            destination_packaging_id,
            quantity,
            reason_description,
            effective_time,
            dry_run: _,
        } = request;
        Ok(Self {
            key,
            source: target(&batch_id, bed)?,
            destination: LocationId(destination_storage_location_id),
            becomes: Becomes {
                state: destination_product_state_id.map(StateId),
                size: destination_product_size_id.map(SizeId),
                packaging: destination_packaging_id.map(PackagingId),
            },
            plants: coming(quantity)?,
            reason: reason_description,
            effective_at: effective(effective_time)?,
        })
    }
}

impl TryFrom<pb::ReverseMovementRequest> for Reverse {
    type Error = Invalid;

    fn try_from(mut request: pb::ReverseMovementRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key_of_request = keyed("reverse_movement", &request_id, dry_run, &request)?;
        let pb::ReverseMovementRequest {
            request_id: _,
            movement_id,
            reason_description,
            effective_time,
            dry_run: _,
        } = request;
        Ok(Self {
            key: key_of_request,
            movement: MovementId(key("movement_id", &movement_id)?),
            reason: reason_description,
            effective_at: effective(effective_time)?,
        })
    }
}

impl From<Effect> for pb::MovementEffect {
    fn from(effect: Effect) -> Self {
        let Effect {
            batch,
            movement,
            consequences: _,
        } = effect;
        Self {
            movement: Some(movement.into()),
            batch: Some(batch.into()),
        }
    }
}

/// What entries made necessary besides, and how many plants were missing from them.
fn besides<'a>(effects: impl IntoIterator<Item = &'a Effect>) -> (Vec<pb::Movement>, i32) {
    let (mut consequences, mut missing): (Vec<Movement>, _) = (Vec::new(), Quantity::ZERO);
    for effect in effects {
        consequences.extend(effect.consequences.iter().cloned());
        missing = missing + effect.missing();
    }
    (lines(consequences), plants(missing))
}

fn effects(effects: impl IntoIterator<Item = Effect>) -> Vec<pb::MovementEffect> {
    effects.into_iter().map(Into::into).collect()
}

/// The answer to a movement.
pub(in crate::ledger::api) fn recorded(once: Once<Vec<Effect>>) -> pb::CreateMovementResponse {
    let Once { answer, how } = once;
    let (consequences, missing_quantity) = besides(&answer);
    let mut told = effects(answer).into_iter();
    let pb::MovementEffect { movement, batch } = told.next().unwrap_or_default();
    pb::CreateMovementResponse {
        movement,
        batch,
        consequences,
        missing_quantity,
        others: told.collect(),
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}

/// The answer to a reversal.
pub(in crate::ledger::api) fn reversed(once: Once<Vec<Effect>>) -> pb::ReverseMovementResponse {
    let Once { answer, how } = once;
    let (consequences, _) = besides(&answer);
    pb::ReverseMovementResponse {
        reversals: effects(answer),
        consequences,
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}

/// The answer to a transplant.
pub(in crate::ledger::api) fn transplanted(
    once: Once<Transplanted>,
) -> pb::CreateTransplantResponse {
    let Once { answer, how } = once;
    let Transplanted {
        sources,
        destinations,
    } = answer;
    let (consequences, _) = besides(sources.iter().chain(&destinations));
    let (_, missing_quantity) = besides(&sources);
    let transfer = sources.first().and_then(|one| one.movement.ties.transfer);
    pb::CreateTransplantResponse {
        transfer_id: transfer.map(|id| id.to_string()).unwrap_or_default(),
        sources: effects(sources),
        destinations: effects(destinations),
        consequences,
        missing_quantity,
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}

impl From<Refused> for pb::MovementRefusal {
    fn from(refused: Refused) -> Self {
        let Refused {
            item: _,
            field,
            reason,
            message,
        } = refused;
        Self {
            field,
            reason,
            message,
        }
    }
}

/// The answer to a request of so many movements.
pub(in crate::ledger::api) fn results(
    once: Once<Done>,
    movements: usize,
) -> pb::BatchCreateMovementsResponse {
    let Once { answer, how } = once;
    let mut results = vec![pb::MovementResult::default(); movements];
    for (item, effect) in answer.entered {
        let Some(result) = results.get_mut(item) else {
            continue;
        };
        result.missing_quantity += plants(effect.missing());
        result.movements.push(effect.movement.into());
    }
    let refused_count = answer.refused.len();
    for refused in answer.refused {
        let item = usize::try_from(refused.item).ok();
        if let Some(result) = item.and_then(|item| results.get_mut(item)) {
            result.refusal = Some(refused.into());
        }
    }
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    pb::BatchCreateMovementsResponse {
        recorded_count: count(movements - refused_count),
        refused_count: count(refused_count),
        results,
        duplicate: how == How::Repeated,
        dry_run: how == How::Rehearsed,
    }
}
