//! What a model found in a photo, and how it looked.

/// One plant, in pixels of the upright photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Left edge.
    pub x_min: f32,
    /// Top edge.
    pub y_min: f32,
    /// Right edge.
    pub x_max: f32,
    /// Bottom edge.
    pub y_max: f32,
    /// 0 to 1.
    pub confidence: f32,
    /// The model's class.
    pub label: String,
}

/// The model that looked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// For example `plant-n`.
    pub name: String,
    /// Version of its weights.
    pub version: String,
    /// The number of its task in the inference contract; kept as it came.
    pub task: i32,
    /// Class names by index.
    pub classes: Vec<String>,
    /// SHA-256 of its weights.
    pub sha256: String,
}

/// How it looked; see the inference contract.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parameters {
    /// Side of the tiles.
    pub tile_size_px: i32,
    /// Share of a tile that overlaps its neighbour.
    pub tile_overlap: f32,
    /// Boxes below it were dropped.
    pub min_confidence: f32,
    /// Two boxes are one plant from this overlap on.
    pub merge_threshold: f32,
}

/// Everything that a count rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    /// One per plant, most confident first.
    pub detections: Vec<Detection>,
    /// Who looked.
    pub model: Model,
    /// How.
    pub parameters: Parameters,
}

/// A count without its boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct CountSummary {
    /// Plants found.
    pub total: i32,
    /// Mean confidence, 0 to 1; `None` without plants.
    pub mean_confidence: Option<f64>,
    /// Name and version of the model that counted.
    pub model: String,
}

// === impl Count ===

impl Count {
    /// The count in short.
    pub fn summary(&self) -> CountSummary {
        CountSummary {
            total: self.total(),
            mean_confidence: self.mean_confidence(),
            model: format!("{} {}", self.model.name, self.model.version),
        }
    }

    /// Plants found.
    pub fn total(&self) -> i32 {
        i32::try_from(self.detections.len()).unwrap_or(i32::MAX)
    }

    /// Mean confidence, 0 to 1; `None` without plants.
    pub fn mean_confidence(&self) -> Option<f64> {
        let sum: f64 = self
            .detections
            .iter()
            .map(|detection| f64::from(detection.confidence))
            .sum();
        (!self.detections.is_empty()).then(|| sum / f64::from(self.total()))
    }
}
