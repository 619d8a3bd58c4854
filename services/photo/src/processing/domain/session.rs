//! The processing of a photo, which changes as it goes on.

use super::Status;
use crate::ports::SessionId;

/// How far a photo is, and what came of it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its key.
    pub id: SessionId,
    /// How far it is, with what is known by then.
    pub status: Status,
    /// What keeps the next step from happening, after a try that failed.
    pub held_up: Option<HeldUp>,
}

/// Tries of one step that failed; it is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUp {
    /// Above zero.
    pub tries: i32,
    /// What the last one met, for people.
    pub why: String,
}

// === impl Session ===

impl Session {
    /// Failed tries of the current step.
    pub fn tries(&self) -> i32 {
        self.held_up.as_ref().map_or(0, |held_up| held_up.tries)
    }

    /// Why it failed, waits or is held up, for people.
    pub fn why(&self) -> Option<&str> {
        let held_up = || self.held_up.as_ref().map(|held_up| held_up.why.as_str());
        self.status.why().or_else(held_up)
    }
}
