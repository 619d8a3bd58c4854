//! What counting needs from outside.

use std::future::Future;

use bytes::Bytes;

use crate::domain::{Looked, ModelCard, Parameters, Plan, Size};

/// Looks at photos with a model.
pub(crate) trait Vision: Send + Sync + 'static {
    /// A photo that was admitted and decoded. Holds its place in the queue.
    type Photo: Send + Sync;

    /// The model that looks.
    fn model(&self) -> &ModelCard;

    /// Admits a photo and decodes it; the bytes may be hostile.
    fn open(&self, image: Bytes) -> impl Future<Output = Result<Self::Photo, VisionError>> + Send;

    /// The size of the upright photo.
    fn size(&self, photo: &Self::Photo) -> Size;

    /// What is seen where the parameters say that a plan is looked at.
    fn look(
        &self,
        photo: &Self::Photo,
        plan: &Plan,
        parameters: Parameters,
    ) -> impl Future<Output = Result<Looked, VisionError>> + Send;
}

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisionError {
    /// The bytes are not a picture, or one beyond the limits.
    #[error("the image cannot be read: {0}")]
    Unreadable(String),
    /// As many photos wait as may wait.
    #[error("too many photos are waiting")]
    Overloaded,
    /// The model has not finished its first run.
    #[error("the model is warming up")]
    WarmingUp,
    /// The model failed.
    #[error("the model failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
