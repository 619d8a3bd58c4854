//! A photo, which never changes, and its session, which does.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Format, Status};

/// Names a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PhotoId(pub Uuid);

/// Names the processing of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub Uuid);

/// Names a location of the stock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocationId(i32);

/// A point on the earth, WGS 84. Never (0, 0), which broken cameras write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    longitude: f64,
    latitude: f64,
}

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

/// How far a photo is, and what came of it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its key.
    pub id: SessionId,
    /// How far it is.
    pub status: Status,
    /// Why it failed or waits; empty otherwise.
    pub message: String,
    /// Its location, once known.
    pub location: Option<LocationId>,
    /// Number of locations that the position fits; 0 before it is located.
    pub location_candidates: i32,
    /// Failed tries of the current step.
    pub attempts: i32,
    /// Plants found, once counted.
    pub total_detected: Option<i32>,
    /// Mean confidence, once counted and not without plants.
    pub mean_confidence: Option<f64>,
    /// Name and version of the model that counted; empty until then.
    pub model: String,
    /// The batch that holds the plants; empty until posted, or without plants.
    pub batch: String,
}

/// The pictures of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As uploaded.
    Original,
    /// At most 300 x 300 pixels, upright.
    Thumbnail,
    /// With a box per plant.
    Annotated,
}

// === impl LocationId ===

impl LocationId {
    /// A location's key is above zero; zero stands for none on the wire.
    pub fn new(id: i32) -> Option<Self> {
        (id > 0).then_some(Self(id))
    }

    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }
}

// === impl Position ===

impl Position {
    /// `None` when a coordinate is out of range or both are zero.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let on_earth = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        let broken = longitude == 0.0 && latitude == 0.0;
        (on_earth && !broken).then_some(Self {
            longitude,
            latitude,
        })
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }
}

// === impl Session ===

impl Session {
    /// Whether a count is kept.
    pub fn is_counted(&self) -> bool {
        self.total_detected.is_some()
    }
}

// === impl Variant ===

impl Variant {
    /// The variant with this name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "original" => Some(Self::Original),
            "thumbnail" => Some(Self::Thumbnail),
            "annotated" => Some(Self::Annotated),
            _ => None,
        }
    }

    /// The object's key: known from the session, so that a crash leaves nothing
    /// that cannot be found again.
    pub fn key(self, session: SessionId, format: Format) -> String {
        let session = session.0;
        match self {
            Self::Original => format!("{session}/original.{}", format.extension()),
            Self::Thumbnail => format!("{session}/thumbnail.jpg"),
            Self::Annotated => format!("{session}/annotated.jpg"),
        }
    }

    /// Its media type.
    pub fn content_type(self, format: Format) -> &'static str {
        match self {
            Self::Original => format.content_type(),
            Self::Thumbnail | Self::Annotated => Format::Jpeg.content_type(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_that_no_camera_can_have_is_none() {
        for (longitude, latitude) in [
            (0.0, 0.0),
            (180.1, 0.0),
            (0.0, -90.1),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
        ] {
            assert_eq!(
                Position::new(longitude, latitude),
                None,
                "{longitude} {latitude}"
            );
        }
        assert!(Position::new(-71.25, -30.5).is_some());
        assert!(Position::new(0.0, 51.5).is_some(), "Greenwich is a place");
    }
}
