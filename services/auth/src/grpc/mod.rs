//! gRPC in, gRPC out; no rule, no SQL.

pub(crate) mod convert;
pub(crate) mod status;

use std::sync::Arc;

use crate::auth::Auth;
use crate::metrics::Metrics;

/// Every RPC of this service.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) auth: Arc<Auth>,
    pub(crate) metrics: Metrics,
}

// === impl Api ===

impl Api {
    /// Serves these use cases.
    pub(crate) fn new(auth: Arc<Auth>, metrics: Metrics) -> Self {
        Self { auth, metrics }
    }
}
