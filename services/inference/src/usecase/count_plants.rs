//! Counts the plants in one photo.

use std::sync::Arc;

use bytes::Bytes;

use crate::domain::{
    Calibration, Detection, Estimate, Looked, ModelCard, Parameters, Plan, Size, count, looking,
};

use super::{Vision, VisionError};

/// Counts plants with one model.
#[derive(Debug)]
pub(crate) struct CountPlants<V> {
    vision: Arc<V>,
    defaults: Parameters,
    calibration: Option<Calibration>,
}

/// What was found in a photo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// Most confident first; each plant once.
    pub detections: Vec<Detection>,
    /// How many plants that makes.
    pub estimate: Estimate,
    /// Of the upright photo.
    pub size: Size,
    /// Number of windows that were looked at.
    pub window_count: usize,
    /// How the photo was searched.
    pub parameters: Parameters,
}

// === impl CountPlants ===

impl<V: Vision> CountPlants<V> {
    /// Counts with this model and what is known of its boxes, and with these
    /// parameters where a caller names none.
    pub(crate) fn new(
        vision: Arc<V>,
        defaults: Parameters,
        calibration: Option<Calibration>,
    ) -> Self {
        Self {
            vision,
            defaults,
            calibration,
        }
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
        let calibration = self.calibration.as_ref();
        let looking = looking(parameters, calibration);
        let Looked {
            levels,
            window_count,
        } = self.vision.look(&photo, &plan, looking).await?;
        let (detections, estimate) = count(levels, &parameters, calibration);
        Ok(Counted {
            detections,
            estimate,
            size,
            window_count,
            parameters,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::{CountPlants, Parameters, Vision, VisionError};
    use crate::domain::{Detection, Looked, ModelCard, Plan, Rect, Sighting, Size, Task};

    /// Sees the same plant in every window of a 900 × 600 photo.
    struct OnePlant(ModelCard);

    impl Vision for OnePlant {
        type Photo = ();

        fn model(&self) -> &ModelCard {
            &self.0
        }

        async fn open(&self, image: Bytes) -> Result<(), VisionError> {
            if image.is_empty() {
                return Err(VisionError::Overloaded);
            }
            Ok(())
        }

        fn size(&self, (): &()) -> Size {
            Size {
                width: 900,
                height: 600,
            }
        }

        async fn look(
            &self,
            (): &(),
            plan: &Plan,
            parameters: Parameters,
        ) -> Result<Looked, VisionError> {
            let rect = Rect {
                x_min: 400.0,
                y_min: 300.0,
                x_max: 440.0,
                y_max: 350.0,
            };
            let detection = Detection {
                rect,
                confidence: parameters.min_confidence(),
                class: 0,
            };
            let sighting = Sighting {
                detection,
                cut: false,
            };
            let levels = plan.levels.iter();
            let levels = levels.map(|level| vec![sighting; level.windows.len()]);
            Ok(Looked {
                levels: levels.collect(),
                window_count: 7,
            })
        }
    }

    fn counting() -> CountPlants<OnePlant> {
        let card = ModelCard {
            name: "one-plant".to_owned(),
            version: "1".to_owned(),
            task: Task::Detect,
            classes: vec!["plant".to_owned()],
            sha256: String::new(),
            calibrated: false,
        };
        CountPlants::new(Arc::new(OnePlant(card)), Parameters::default(), None)
    }

    #[tokio::test]
    async fn a_plant_that_every_window_shows_is_one_plant() {
        let parameters = Parameters::default().with_min_confidence(0.6).unwrap();

        let counted = counting().count(Bytes::from_static(b"x"), parameters).await;

        let counted = counted.unwrap();
        assert_eq!(counted.detections.len(), 1);
        assert_eq!(counted.window_count, 7, "what was looked at");
        assert_eq!(counted.parameters, parameters);
    }

    #[tokio::test]
    async fn a_photo_that_is_not_admitted_is_not_counted() {
        let counted = counting().count(Bytes::new(), Parameters::default()).await;

        assert!(matches!(counted, Err(VisionError::Overloaded)));
    }
}
