//! Between rows and domain types.

use sea_orm::ActiveValue::Set;

use crate::database::StoreError;
use crate::database::entity::photo;
use crate::pictures::Format;
use crate::ports::{LocationId, Position, SessionId};
use crate::uploads::domain::{Photo, PhotoId, Stage};

pub(crate) fn photo_row(photo: &Photo) -> photo::ActiveModel {
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

pub(crate) fn photo(row: photo::Model) -> Result<Photo, StoreError> {
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

pub(crate) fn format(extension: &str) -> Result<Format, StoreError> {
    Format::from_extension(extension).ok_or(StoreError::Corrupt("photos.format"))
}

pub(crate) fn stage(name: &str) -> Result<Stage, StoreError> {
    Stage::from_name(name).ok_or(StoreError::Corrupt("sessions.status"))
}
