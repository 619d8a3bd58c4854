//! The other services, as this one sees them.

mod count;
mod place;

pub use count::{Count, CountSummary, Detection, Estimate, Model, Parameters, Range, Rect};
pub use place::{LocationId, Place, Position};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use uuid::Uuid;

/// Names the processing of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub Uuid);

/// Names a batch of the stock service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchId(pub Uuid);

/// A count to post.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoCount {
    /// One session has one effect.
    pub session: SessionId,
    /// What is in the photo.
    pub location: LocationId,
    /// How many plants it shows; the expected number is what is posted.
    pub estimate: Estimate,
    /// When they stood there.
    pub observed_at: DateTime<Utc>,
    /// Who uploaded the photo.
    pub user: String,
}

/// Why another service did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It does not answer now, or has too much to do. Trying later can help.
    #[error("{0}")]
    Busy(String),
    /// It said no, with a reason; trying again does not help.
    #[error("{message}")]
    Refused {
        /// For programs.
        refusal: Refusal,
        /// For people.
        message: String,
    },
    /// The caller may not do that.
    #[error("{0}")]
    Forbidden(String),
    /// It failed, and does not say why.
    #[error("{0}")]
    Broken(String),
}

/// What another service said no to, as far as this one does something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing says what grows in the location: a person can configure it.
    NoConfiguration,
    /// Anything else; the message says what.
    Other,
}

/// The stock service.
#[async_trait]
pub trait Stock: Send + Sync {
    /// Whether there is such a location, asked with the rights of the person
    /// whose biscuit this is, or without one with our own.
    async fn location_exists(
        &self,
        biscuit: Option<&str>,
        id: LocationId,
    ) -> Result<bool, CallError>;

    /// The locations that a position lies in, nearest centroid first.
    async fn locate(&self, position: Position) -> Result<Vec<LocationId>, CallError>;

    /// Posts a count; the batch that holds the plants, if any.
    async fn post_count(&self, count: &PhotoCount) -> Result<Option<BatchId>, CallError>;
}

/// The inference service.
#[async_trait]
pub trait Inference: Send + Sync {
    /// Counts the plants in an image. Takes minutes.
    async fn count_plants(&self, image: Bytes) -> Result<Count, CallError>;
}
