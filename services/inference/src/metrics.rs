//! What the service measures about itself.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::domain::Detection;

const SECONDS: [f64; 9] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Confidence {
    confidence_bucket: &'static str,
}

/// The metrics of the model.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    durations: Histogram,
    windows: Counter,
    detections: Family<Confidence, Counter>,
    waiting: Gauge,
    refused: Counter,
}

/// A photo that waits, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Waiting(Gauge);

// === impl Metrics ===

impl Metrics {
    /// Adds the metrics to what is scraped.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            durations: Histogram::new(SECONDS),
            windows: Counter::default(),
            detections: Family::default(),
            waiting: Gauge::default(),
            refused: Counter::default(),
        };
        let ml = registry.sub_registry_with_prefix("demeter_ml");
        let Self {
            durations,
            windows,
            detections,
            waiting,
            refused,
        } = metrics.clone();
        ml.register(
            "inference_duration_seconds",
            "Time the model took for one photo",
            durations,
        );
        ml.register("windows", "Tiles and whole photos looked at", windows);
        ml.register("detections", "Plants found, by confidence", detections);
        ml.register("queue_depth", "Photos that wait for the model", waiting);
        ml.register(
            "refused",
            "Photos refused because the queue was full",
            refused,
        );
        metrics
    }

    pub(crate) fn looked(&self, took: Duration, windows: usize) {
        self.durations.observe(took.as_secs_f64());
        self.windows
            .inc_by(u64::try_from(windows).unwrap_or(u64::MAX));
    }

    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    pub(crate) fn waiting(&self) -> Waiting {
        self.waiting.inc();
        Waiting(self.waiting.clone())
    }

    /// Counts what was found, in the tiers of the domain.
    pub(crate) fn found(&self, detections: &[Detection]) {
        for detection in detections {
            let confidence_bucket = match detection.confidence {
                sure if sure > 0.7 => "high",
                likely if likely >= 0.5 => "medium",
                _ => "low",
            };
            let labels = Confidence { confidence_bucket };
            self.detections.get_or_create(&labels).inc();
        }
    }
}

// === impl Waiting ===

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}
