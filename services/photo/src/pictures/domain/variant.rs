//! The pictures that are kept of one photo, and their keys.

use super::Format;
use crate::ports::SessionId;

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

// === impl Variant ===

impl Variant {
    /// Every variant.
    pub const ALL: [Self; 3] = [Self::Original, Self::Thumbnail, Self::Annotated];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Thumbnail => "thumbnail",
            Self::Annotated => "annotated",
        }
    }

    /// The variant with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
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
