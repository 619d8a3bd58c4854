//! What a calibration is refused with: the field, and what it must be.

/// A calibration that nothing could have been fitted to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the calibration's {field} must be {must}")]
pub struct BadCalibration {
    /// Its name in the text.
    field: &'static str,
    /// What it may be.
    must: &'static str,
}

// === impl BadCalibration ===

impl BadCalibration {
    pub(super) fn new(field: &'static str, must: &'static str) -> Self {
        Self { field, must }
    }
}
