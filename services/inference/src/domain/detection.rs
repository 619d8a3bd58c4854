//! Something seen in a photo.

use super::Rect;

/// One thing, in pixels of the upright photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Detection {
    /// Where it is.
    pub rect: Rect,
    /// 0 to 1.
    pub confidence: f32,
    /// Index into the model's classes.
    pub class: usize,
}

/// A detection before it is known whether others saw the same thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sighting {
    /// What was seen.
    pub detection: Detection,
    /// It reaches a border of its tile inside the photo, so the rest of it may
    /// lie beyond.
    pub cut: bool,
}
