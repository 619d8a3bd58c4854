//! `SessionService`.

mod convert;
mod handlers;
mod metrics;

use std::sync::Arc;

use prometheus_client::registry::Registry;

use crate::sessions::usecase::Sessions;
use metrics::Metrics;

/// `SessionService` over its use cases.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    sessions: Arc<Sessions>,
    metrics: Metrics,
}

// === impl Api ===

impl Api {
    /// Serves these use cases, and counts how they end.
    pub(crate) fn new(sessions: Sessions, registry: &mut Registry) -> Self {
        Self {
            sessions: Arc::new(sessions),
            metrics: Metrics::register(registry),
        }
    }
}
