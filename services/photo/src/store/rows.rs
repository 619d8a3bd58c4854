//! Between rows and domain types.

use sea_orm::ActiveValue::Set;

use super::StoreError;
use super::entity::{photo, session};
use crate::domain::{Format, LocationId, Photo, PhotoId, Position, Session, SessionId, Status};

pub(super) fn photo_row(photo: &Photo) -> photo::ActiveModel {
    let Photo {
        id,
        session,
        sha256,
        requested_location,
        format,
        size_bytes,
        width_px,
        height_px,
        position,
        captured_at,
        observed_at,
        created_at,
        user,
        filename,
    } = photo;
    photo::ActiveModel {
        photo_id: Set(id.0),
        session_id: Set(session.0),
        sha256: Set(sha256.clone()),
        requested_location_id: Set(requested_location.map_or(0, LocationId::get)),
        format: Set(format.extension().to_owned()),
        size_bytes: Set(*size_bytes),
        width_px: Set(*width_px),
        height_px: Set(*height_px),
        longitude: Set(position.map(Position::longitude)),
        latitude: Set(position.map(Position::latitude)),
        captured_at: Set(*captured_at),
        observed_at: Set(*observed_at),
        created_at: Set(*created_at),
        user_id: Set(user.clone()),
        filename: Set(filename.clone()),
    }
}

pub(super) fn photo(row: photo::Model) -> Result<Photo, StoreError> {
    let photo::Model {
        photo_id,
        session_id,
        sha256,
        requested_location_id,
        format: extension,
        size_bytes,
        width_px,
        height_px,
        longitude,
        latitude,
        captured_at,
        observed_at,
        created_at,
        user_id,
        filename,
    } = row;
    Ok(Photo {
        id: PhotoId(photo_id),
        session: SessionId(session_id),
        sha256,
        requested_location: LocationId::new(requested_location_id),
        format: format(&extension)?,
        size_bytes,
        width_px,
        height_px,
        position: longitude
            .zip(latitude)
            .and_then(|(longitude, latitude)| Position::new(longitude, latitude)),
        captured_at,
        observed_at,
        created_at,
        user: user_id,
        filename,
    })
}

/// The columns that change as a session goes on. The lease and the schedule
/// are the caller's.
pub(super) fn session_row(session: &Session) -> session::ActiveModel {
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

pub(super) fn session(row: session::Model) -> Result<Session, StoreError> {
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

pub(super) fn format(extension: &str) -> Result<Format, StoreError> {
    Format::from_extension(extension).ok_or(StoreError::Corrupt {
        what: "photos.format",
    })
}
