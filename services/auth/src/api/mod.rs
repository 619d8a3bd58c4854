//! gRPC in, gRPC out; no rule, no SQL.

mod authorization;
mod convert;
mod jwks;
mod service_tokens;
mod sessions;
mod status;
mod users;

use std::sync::Arc;

use crate::metrics::Metrics;
use crate::usecase::Auth;

pub(crate) use authorization::AUTHORIZATION_SERVICE;
pub(crate) use jwks::jwks;

/// Every RPC of this service.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    auth: Arc<Auth>,
    metrics: Metrics,
}

// === impl Api ===

impl Api {
    /// Serves these use cases.
    pub(crate) fn new(auth: Arc<Auth>, metrics: Metrics) -> Self {
        Self { auth, metrics }
    }
}
