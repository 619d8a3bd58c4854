//! Counts the plants in one photo.

use std::sync::Arc;

use bytes::Bytes;

use crate::domain::{Detection, ModelCard, Parameters, Plan, Size, combine};

use super::{Vision, VisionError};

/// Counts plants with one model.
#[derive(Debug)]
pub(crate) struct CountPlants<V> {
    vision: Arc<V>,
    defaults: Parameters,
}

/// What was found in a photo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// Most confident first; each plant once.
    pub detections: Vec<Detection>,
    /// Of the upright photo.
    pub size: Size,
    /// Number of windows that were looked at.
    pub window_count: usize,
    /// How the photo was searched.
    pub parameters: Parameters,
}

// === impl CountPlants ===

impl<V: Vision> CountPlants<V> {
    /// Counts with this model, and these parameters where a caller names none.
    pub(crate) fn new(vision: Arc<V>, defaults: Parameters) -> Self {
        Self { vision, defaults }
    }

    /// The parameters of a caller who names none.
    pub(crate) fn defaults(&self) -> Parameters {
        self.defaults
    }

    /// The model that looks.
    pub(crate) fn model(&self) -> &ModelCard {
        self.vision.model()
    }

    /// Looks at every part of the photo, then counts each plant once.
    pub(crate) async fn count(
        &self,
        image: Bytes,
        parameters: Parameters,
    ) -> Result<Counted, VisionError> {
        let photo = self.vision.open(image).await?;
        let size = self.vision.size(&photo);
        let plan = Plan::of(size, &parameters);
        let levels = self.vision.look(&photo, &plan, parameters).await?;
        Ok(Counted {
            detections: combine(levels, parameters.merge_threshold()),
            size,
            window_count: plan.window_count(),
            parameters,
        })
    }
}
