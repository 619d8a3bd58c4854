//! How often each verb changed stock, or was refused.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// `demeter_stock_operations_total`, by operation and outcome.
#[derive(Clone, Debug)]
pub struct Operations(Family<Labels, Counter>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    outcome: &'static str,
}

// === impl Operations ===

impl Operations {
    /// Adds the metric to a registry.
    pub fn register(registry: &mut Registry) -> Self {
        let operations = Family::default();
        registry.register(
            "demeter_stock_operations",
            "Writes to stock",
            operations.clone(),
        );
        Self(operations)
    }

    /// Counts one write and hands its outcome on.
    pub fn count<T, E>(&self, operation: &'static str, outcome: Result<T, E>) -> Result<T, E> {
        let told = if outcome.is_ok() { "ok" } else { "refused" };
        self.0
            .get_or_create(&Labels {
                operation,
                outcome: told,
            })
            .inc();
        outcome
    }
}
