//! `batch.proto`.

use demeter_proto::stock::v1 as pb;

use crate::catalog::domain::Kind;
use crate::database::RequestKey;
use crate::grpc::fields::{day, request_key, timestamp};
use crate::ids::LocationId;
use crate::invalid::Invalid;
use crate::ledger::api::{coming, effective, plants};
use crate::ledger::domain::batch::{Batch, Holding, Origin};
use crate::ledger::usecase::CreateBatch;

impl From<Batch> for pb::Batch {
    fn from(batch: Batch) -> Self {
        let (origin, holding) = batch.into_parts();
        let Origin {
            id,
            code,
            location,
            bin,
            kind,
            quantity_initial,
            planting_date,
            notes,
            created_at,
        } = origin;
        let Holding {
            current,
            empty_containers,
            updated_at,
        } = holding;
        let (product_id, product_state_id, product_size_id, packaging_id) = kind.keys();
        Self {
            batch_id: id.to_string(),
            batch_code: code,
            storage_location_id: location.0,
            storage_bin_id: bin.0,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            quantity_initial: plants(quantity_initial),
            quantity_current: plants(current),
            quantity_empty_containers: plants(empty_containers),
            planting_date: planting_date.map(|day| day.to_string()),
            notes,
            create_time: Some(timestamp(created_at)),
            update_time: Some(timestamp(updated_at)),
        }
    }
}

impl TryFrom<pb::CreateBatchRequest> for CreateBatch {
    type Error = Invalid;

    fn try_from(mut request: pb::CreateBatchRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = request_key("create_batch", &request_id, &request)?;
        let pb::CreateBatchRequest {
            request_id: _,
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
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
            kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
            plants: coming(quantity)?,
            planting_date: day("planting_date", planting_date)?,
            notes,
        })
    }
}
