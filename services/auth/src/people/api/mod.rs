//! `UserService`.

mod convert;
mod handlers;

use std::sync::Arc;

use crate::people::usecase::People;

/// `UserService` over its use cases.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    people: Arc<People>,
}

// === impl Api ===

impl Api {
    /// Serves these use cases.
    pub(crate) fn new(people: People) -> Self {
        Self {
            people: Arc::new(people),
        }
    }
}
