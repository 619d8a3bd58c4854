//! A photo, which never changes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::pictures::Format;
use crate::ports::{LocationId, Position, SessionId};

/// Names a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PhotoId(pub Uuid);

/// A stored photo. Its bytes are in the object store.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// Its key.
    pub id: PhotoId,
    /// The session that counts it.
    pub session: SessionId,
    /// SHA-256 of the original, in lower-case hexadecimal.
    pub sha256: String,
    /// The location stated with the upload.
    pub requested_location: Option<LocationId>,
    /// What the original is.
    pub format: Format,
    /// Bytes of the original.
    pub size_bytes: i64,
    /// Width after the EXIF orientation is applied.
    pub width_px: i32,
    /// Height after the EXIF orientation is applied.
    pub height_px: i32,
    /// From EXIF.
    pub position: Option<Position>,
    /// What the camera says. Only told, never used: cameras' clocks are wrong.
    pub captured_at: Option<DateTime<Utc>>,
    /// When the plants stood as shown: as stated, else the time of the upload.
    pub observed_at: DateTime<Utc>,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
    /// Who uploaded it.
    pub user: String,
    /// Name of the uploaded file; may be empty.
    pub filename: String,
}
