//! How attempts to sign in and to go on end.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::error::{Error, Exhausted};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counters with one label each, whose values are all in this file.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    logins: Family<Outcome, Counter>,
    refreshes: Family<Outcome, Counter>,
}

// === impl Metrics ===

impl Metrics {
    /// Makes the counters visible.
    pub(super) fn register(registry: &mut Registry) -> Self {
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
        metrics
    }

    /// Counts an attempt to sign in.
    pub(super) fn count_login(&self, error: Option<&Error>) {
        let outcome = outcome(error);
        self.logins.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts an attempt to renew a session.
    pub(super) fn count_refresh(&self, error: Option<&Error>) {
        let outcome = outcome(error);
        self.refreshes.get_or_create(&Outcome { outcome }).inc();
    }
}

fn outcome(error: Option<&Error>) -> &'static str {
    match error {
        None => "ok",
        Some(Error::Unauthenticated(_)) => "rejected",
        Some(Error::UserDisabled) => "disabled",
        Some(Error::Exhausted(Exhausted::Attempts { .. })) => "throttled",
        Some(Error::Exhausted(Exhausted::Hashing)) => "overloaded",
        Some(Error::Unavailable(_)) => "unavailable",
        Some(_) => "failed",
    }
}
