//! What this service counts, besides what every gRPC server counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::admission::usecase::{Admission, Denial};
use crate::error::{Error, Exhausted};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counters with one label each, whose values are all in this file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    logins: Family<Outcome, Counter>,
    refreshes: Family<Outcome, Counter>,
    checks: Family<Outcome, Counter>,
}

// === impl Metrics ===

impl Metrics {
    /// Makes the counters visible.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "demeter_auth_logins",
            "Attempts to sign in",
            metrics.logins.clone(),
        );
        registry.register(
            "demeter_auth_refreshes",
            "Attempts to renew a session",
            metrics.refreshes.clone(),
        );
        registry.register(
            "demeter_auth_checks",
            "Decisions for the gateway",
            metrics.checks.clone(),
        );
        metrics
    }

    /// Counts an attempt to sign in.
    pub(crate) fn count_login(&self, error: Option<&Error>) {
        self.logins
            .get_or_create(&Outcome {
                outcome: outcome(error),
            })
            .inc();
    }

    /// Counts an attempt to renew a session.
    pub(crate) fn count_refresh(&self, error: Option<&Error>) {
        self.refreshes
            .get_or_create(&Outcome {
                outcome: outcome(error),
            })
            .inc();
    }

    /// Counts a decision for the gateway.
    pub(crate) fn count_check(&self, admission: &Admission) {
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

fn outcome(error: Option<&Error>) -> &'static str {
    match error {
        None => "ok",
        Some(Error::Unauthenticated(_)) => "rejected",
        Some(Error::UserDisabled) => "disabled",
        Some(Error::Exhausted(Exhausted::Attempts)) => "throttled",
        Some(Error::Exhausted(Exhausted::Hashing)) => "overloaded",
        Some(Error::Unavailable(_)) => "unavailable",
        Some(_) => "failed",
    }
}
