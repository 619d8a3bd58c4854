//! What a model found in a photo, how sure that is, and how it looked.

/// A rectangle, in pixels of the upright photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x_min: f32,
    /// Top edge.
    pub y_min: f32,
    /// Right edge.
    pub x_max: f32,
    /// Bottom edge.
    pub y_max: f32,
}

/// One plant.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Where it is.
    pub rect: Rect,
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
    /// Whether it is known what its boxes are worth.
    pub calibrated: bool,
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
    /// Which windows were looked at, as the contract numbers it.
    pub search: i32,
}

/// How many plants a photo shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// The expected number: what is posted.
    pub plants: i32,
    /// Where the true number lies in 95 of 100 photos; `None` of a model that was not
    /// calibrated.
    pub range: Option<Range>,
    /// Boxes, some of which may be no plants.
    pub boxes: i32,
}

/// From and to, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Seldom fewer.
    pub low: i32,
    /// Seldom more.
    pub high: i32,
}

/// Everything that a count rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    /// How many plants that makes.
    pub estimate: Estimate,
    /// One per box, most confident first.
    pub detections: Vec<Detection>,
    /// Who looked.
    pub model: Model,
    /// How.
    pub parameters: Parameters,
}

/// A count without its boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct CountSummary {
    /// How many plants that makes.
    pub estimate: Estimate,
    /// Mean confidence, 0 to 1; `None` without boxes.
    pub mean_confidence: Option<f64>,
    /// Name and version of the model that counted.
    pub model: String,
}

// === impl Count ===

impl Count {
    /// The count in short.
    pub fn summary(&self) -> CountSummary {
        CountSummary {
            estimate: self.estimate,
            mean_confidence: self.mean_confidence(),
            model: format!("{} {}", self.model.name, self.model.version),
        }
    }

    /// Mean confidence of the boxes, 0 to 1; `None` without any.
    pub fn mean_confidence(&self) -> Option<f64> {
        let confidences = self.detections.iter();
        let sum: f64 = confidences.map(|found| f64::from(found.confidence)).sum();
        let boxes = u32::try_from(self.detections.len()).unwrap_or(u32::MAX);
        (boxes > 0).then(|| sum / f64::from(boxes))
    }
}

// === impl Range ===

impl Range {
    /// `None` unless both ends are there, and in order.
    pub fn of(low: Option<i32>, high: Option<i32>) -> Option<Self> {
        let (low, high) = low.zip(high)?;
        (0 <= low && low <= high).then_some(Self { low, high })
    }
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            plants,
            range,
            boxes,
        } = self;
        let noun = if *plants == 1 { "plant" } else { "plants" };
        match range {
            None => write!(f, "{plants} {noun}"),
            Some(Range { low, high }) => {
                let drawn = if *boxes == 1 { "box" } else { "boxes" };
                write!(
                    f,
                    "{plants} {noun} (95 %: {low} to {high}), {boxes} {drawn}"
                )
            }
        }
    }
}
