//! The pictures of photos in the object store.

use bytes::Bytes;
use demeter_objects::{ObjectError, Objects, Pieces};
use tokio::time::Instant;

use super::{Format, Variant};
use crate::metrics::Metrics;
use crate::ports::SessionId;
use crate::uploads::domain::Photo;

/// Reads and writes pictures by what they are.
#[derive(Clone, Debug)]
pub struct Pictures {
    objects: Objects,
    metrics: Metrics,
}

// === impl Pictures ===

impl Pictures {
    /// Over an open object store.
    pub fn new(objects: Objects, metrics: Metrics) -> Self {
        Self { objects, metrics }
    }

    /// Stores a picture, over the one that is there.
    pub async fn put(
        &self,
        session: SessionId,
        format: Format,
        variant: Variant,
        content: Bytes,
    ) -> Result<(), ObjectError> {
        let started = Instant::now();
        let key = variant.key(session, format);
        let done = self
            .objects
            .put(&key, content, variant.content_type(format));
        let done = done.await;
        self.metrics.object_operation("put", started.elapsed());
        done
    }

    /// Reads a whole original.
    pub async fn original(&self, photo: &Photo) -> Result<Bytes, ObjectError> {
        let started = Instant::now();
        let key = Variant::Original.key(photo.session, photo.format);
        let content = self.objects.get(&key).await;
        self.metrics.object_operation("get", started.elapsed());
        content
    }

    /// Reads a picture piece by piece.
    pub async fn stream(&self, photo: &Photo, variant: Variant) -> Result<Pieces, ObjectError> {
        let started = Instant::now();
        let key = variant.key(photo.session, photo.format);
        let found = self.objects.stream(&key).await;
        self.metrics.object_operation("stream", started.elapsed());
        Ok(found?.1)
    }

    /// Removes every picture of a session.
    pub async fn delete(&self, session: SessionId, format: Format) -> Result<(), ObjectError> {
        let started = Instant::now();
        for variant in [Variant::Original, Variant::Thumbnail, Variant::Annotated] {
            self.objects.delete(&variant.key(session, format)).await?;
        }
        self.metrics.object_operation("delete", started.elapsed());
        Ok(())
    }
}
