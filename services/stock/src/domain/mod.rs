//! What stock is and what may happen to it: types and rules, no I/O.

pub mod batch;
pub mod catalog;
pub mod count;
pub mod ids;
pub mod import;
pub mod movement;
pub mod outline;
pub mod place;

/// A value that a caller sent and that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Path of the field in the request.
    pub field: String,
    /// What is wrong and what to send instead.
    pub problem: String,
}

// === impl Invalid ===

impl Invalid {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}
