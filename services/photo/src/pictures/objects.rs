//! The pictures of photos in the object store.

use bytes::Bytes;
use demeter_objects::{ObjectError, Objects, Pieces};
use tokio::time::Instant;

use super::{Format, Variant};
use crate::checkpoints::Checkpoints;
use crate::metrics::Metrics;
use crate::ports::SessionId;

/// Reads and writes pictures by what they are.
#[derive(Clone, Debug)]
pub struct Pictures {
    objects: Objects,
    metrics: Metrics,
    checkpoints: Checkpoints,
}

// === impl Pictures ===

impl Pictures {
    /// Over an open object store.
    pub fn new(objects: Objects, metrics: Metrics, checkpoints: Checkpoints) -> Self {
        Self {
            objects,
            metrics,
            checkpoints,
        }
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
        let put = self
            .objects
            .put(&key, content, variant.content_type(format));
        let done = self.checkpoints.around(variant.name(), put).await;
        self.metrics.object_operation("put", started.elapsed());
        done
    }

    /// Reads a whole original.
    pub async fn original(&self, session: SessionId, format: Format) -> Result<Bytes, ObjectError> {
        let started = Instant::now();
        let key = Variant::Original.key(session, format);
        let content = self.objects.get(&key).await;
        self.metrics.object_operation("get", started.elapsed());
        content
    }

    /// Reads a picture piece by piece.
    pub async fn stream(
        &self,
        session: SessionId,
        format: Format,
        variant: Variant,
    ) -> Result<Pieces, ObjectError> {
        let started = Instant::now();
        let key = variant.key(session, format);
        let found = self.objects.stream(&key).await;
        self.metrics.object_operation("stream", started.elapsed());
        Ok(found?.1)
    }

    /// Removes every picture of a session.
    pub async fn delete(&self, session: SessionId, format: Format) -> Result<(), ObjectError> {
        let started = Instant::now();
        for variant in Variant::ALL {
            self.objects.delete(&variant.key(session, format)).await?;
        }
        self.metrics.object_operation("delete", started.elapsed());
        Ok(())
    }
}
