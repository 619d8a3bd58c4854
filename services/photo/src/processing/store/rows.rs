//! Between rows and domain types.

use sea_orm::ActiveValue::Set;

use crate::database::StoreError;
use crate::database::entity::session;
use crate::ports::{LocationId, SessionId};
use crate::processing::domain::{Session, Status};

/// The columns that change as a session goes on. The lease and the schedule
/// are the caller's.
pub(crate) fn session_row(session: &Session) -> session::ActiveModel {
    let Session {
        id,
        status,
        message,
        location,
        location_candidates,
        attempts,
        total_detected,
        mean_confidence,
        model,
        batch,
    } = session;
    session::ActiveModel {
        session_id: Set(id.0),
        status: Set(status.name().to_owned()),
        message: Set(message.clone()),
        location_id: Set(location.map(LocationId::get)),
        location_candidates: Set(*location_candidates),
        attempts: Set(*attempts),
        total_detected: Set(*total_detected),
        mean_confidence: Set(*mean_confidence),
        model: Set(model.clone()),
        batch_id: Set(batch.clone()),
        ..Default::default()
    }
}

pub(crate) fn session(row: session::Model) -> Result<Session, StoreError> {
    let session::Model {
        session_id,
        status,
        message,
        location_id,
        location_candidates,
        attempts,
        next_attempt_at: _,
        lease_owner: _,
        lease_expires_at: _,
        total_detected,
        mean_confidence,
        model,
        batch_id,
        updated_at: _,
    } = row;
    Ok(Session {
        id: SessionId(session_id),
        status: Status::from_name(&status).ok_or(StoreError::Corrupt {
            what: "sessions.status",
        })?,
        message,
        location: location_id.and_then(LocationId::new),
        location_candidates,
        attempts,
        total_detected,
        mean_confidence,
        model,
        batch: batch_id,
    })
}
