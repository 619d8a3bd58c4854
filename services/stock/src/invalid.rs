//! What is wrong with a value that a caller sent.

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
