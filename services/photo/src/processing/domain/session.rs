//! The processing of a photo, which changes as it goes on.

use super::Status;
use crate::ports::{LocationId, SessionId};

/// How far a photo is, and what came of it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its key.
    pub id: SessionId,
    /// How far it is.
    pub status: Status,
    /// Why it failed or waits; empty otherwise.
    pub message: String,
    /// Its location, once known.
    pub location: Option<LocationId>,
    /// Number of locations that the position fits; 0 before it is located.
    pub location_candidates: i32,
    /// Failed tries of the current step.
    pub attempts: i32,
    /// Plants found, once counted.
    pub total_detected: Option<i32>,
    /// Mean confidence, once counted and not without plants.
    pub mean_confidence: Option<f64>,
    /// Name and version of the model that counted; empty until then.
    pub model: String,
    /// The batch that holds the plants; empty until posted, or without plants.
    pub batch: String,
}

// === impl Session ===

impl Session {
    /// Whether a count is kept.
    pub fn is_counted(&self) -> bool {
        self.total_detected.is_some()
    }
}
