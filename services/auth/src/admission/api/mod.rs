//! The gateway's questions, and the services'.

mod authorization;
mod metrics;
mod service_tokens;
mod status;

use std::sync::Arc;

use prometheus_client::registry::Registry;

use crate::admission::usecase::Admissions;
use metrics::Metrics;

pub(crate) use authorization::AUTHORIZATION_SERVICE;
pub(crate) use status::not_the_gateway;

/// Envoy's `Authorization` and `ServiceTokenService` over their use cases.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    admissions: Arc<Admissions>,
    metrics: Metrics,
}

// === impl Api ===

impl Api {
    /// Serves these use cases, and counts how they end.
    pub(crate) fn new(admissions: Admissions, registry: &mut Registry) -> Self {
        Self {
            admissions: Arc::new(admissions),
            metrics: Metrics::register(registry),
        }
    }
}
