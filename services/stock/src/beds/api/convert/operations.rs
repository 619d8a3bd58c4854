//! `configuration.proto`: operations on many locations.

use demeter_proto::stock::v1 as pb;

use super::configurations::crop;
use crate::beds::domain::operation::{Change, Operation, Outcome, Undone};
use crate::beds::usecase::Apply;
use crate::grpc::fields::{request_key, timestamp};
use crate::ids::{LocationId, OperationId};
use crate::invalid::Invalid;

impl From<Operation> for pb::ConfigurationOperation {
    fn from(operation: Operation) -> Self {
        let Operation {
            id,
            user,
            created_at,
            changed_locations,
            undone,
        } = operation;
        let (undo_time, undo_user_id) = match undone {
            None => (None, String::new()),
            Some(Undone { at, user }) => (Some(timestamp(at)), user),
        };
        Self {
            operation_id: id.to_string(),
            user_id: user,
            create_time: Some(timestamp(created_at)),
            changed_locations,
            undo_time,
            undo_user_id,
        }
    }
}

impl From<Change> for pb::ConfigurationChange {
    fn from(change: Change) -> Self {
        let Change {
            location,
            previous,
            current,
            changed,
        } = change;
        Self {
            storage_location_id: location.0,
            previous_configuration_id: previous.map(|id| id.0),
            location_configuration_id: current.map(|id| id.0),
            changed,
        }
    }
}

impl From<Outcome> for pb::ApplyLocationConfigurationResponse {
    fn from(outcome: Outcome) -> Self {
        let Outcome { operation, changes } = outcome;
        Self {
            operation: operation.map(Into::into),
            changes: changes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Outcome> for pb::UndoConfigurationOperationResponse {
    fn from(outcome: Outcome) -> Self {
        let Outcome { operation, changes } = outcome;
        Self {
            operation: operation.map(Into::into),
            changes: changes.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<pb::ApplyLocationConfigurationRequest> for Apply {
    type Error = Invalid;

    fn try_from(mut request: pb::ApplyLocationConfigurationRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.operation_id);
        let dry_run = std::mem::take(&mut request.dry_run);
        let key = request_key("apply_location_configuration", &id, &request)?;
        let pb::ApplyLocationConfigurationRequest {
            operation_id: _,
            storage_location_ids,
            lines,
            area_cm2,
            notes,
            dry_run: _,
        } = request;
        Ok(Self {
            id: OperationId(key.id.0),
            content_hash: key.content_hash,
            locations: storage_location_ids.into_iter().map(LocationId).collect(),
            crop: crop(lines, area_cm2, notes)?,
            dry_run,
        })
    }
}
