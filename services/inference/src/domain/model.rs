//! What is known of a model that looks at photos.

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Finds boxes.
    Detect,
    /// Finds boxes and outlines.
    Segment,
}

/// A model that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// For example `plant-n`.
    pub name: String,
    /// Version of the weights.
    pub version: String,
    /// What it is for.
    pub task: Task,
    /// Class names by index.
    pub classes: Vec<String>,
    /// SHA-256 of the weight file, in hexadecimal.
    pub sha256: String,
    /// Whether it is known what its boxes are worth.
    pub calibrated: bool,
}
