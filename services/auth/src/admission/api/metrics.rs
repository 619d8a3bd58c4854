//! How the gateway's questions are answered.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::admission::usecase::{Admission, Denial};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// A counter with one label, whose values are all in this file.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    checks: Family<Outcome, Counter>,
}

// === impl Metrics ===

impl Metrics {
    /// Makes the counter visible.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "demeter_auth_checks",
            "Decisions for the gateway",
            metrics.checks.clone(),
        );
        metrics
    }

    /// Counts a decision for the gateway.
    pub(super) fn count_check(&self, admission: &Admission) {
        let outcome = match admission {
            Admission::Public => "public",
            Admission::Known(_) => "known",
            Admission::Denied(Denial::NotSignedIn) => "not_signed_in",
            Admission::Denied(Denial::SessionOver) => "session_over",
            Admission::Denied(Denial::UserDisabled) => "user_disabled",
            Admission::Denied(Denial::PermissionMissing(_)) => "permission_missing",
            Admission::Denied(Denial::Internal) => "internal_only",
            Admission::Denied(Denial::Unknown) => "unknown",
        };
        self.checks.get_or_create(&Outcome { outcome }).inc();
    }
}
