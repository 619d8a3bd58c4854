//! What the service counts and times.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds; a step on a CPU takes minutes.
const STEP_BUCKETS: [f64; 10] = [0.05, 0.25, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0, 180.0, 600.0];
/// Seconds.
const OBJECT_BUCKETS: [f64; 8] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The metrics of one process. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics {
    sessions: Family<StatusLabel, Gauge>,
    jobs: Family<OutcomeLabel, Counter>,
    uploads: Family<OutcomeLabel, Counter>,
    steps: Family<StatusLabel, Histogram, fn() -> Histogram>,
    objects: Family<OperationLabel, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabel {
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

// === impl Metrics ===

impl Metrics {
    /// Adds them to the registry.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            sessions: Family::default(),
            jobs: Family::default(),
            uploads: Family::default(),
            steps: Family::new_with_constructor(|| Histogram::new(STEP_BUCKETS)),
            objects: Family::new_with_constructor(|| Histogram::new(OBJECT_BUCKETS)),
        };
        registry.register(
            "demeter_photo_sessions",
            "Sessions by status",
            metrics.sessions.clone(),
        );
        registry.register(
            "demeter_photo_jobs",
            "Ends of jobs, and failed tries (held_up)",
            metrics.jobs.clone(),
        );
        registry.register(
            "demeter_photo_uploads",
            "Uploaded files: stored, duplicate, or the reason they were refused",
            metrics.uploads.clone(),
        );
        registry.register_with_unit(
            "demeter_photo_step_duration",
            "Time of one step, by the status before it",
            Unit::Seconds,
            metrics.steps.clone(),
        );
        registry.register_with_unit(
            "demeter_s3_operation_duration",
            "Time of one operation of the object store",
            Unit::Seconds,
            metrics.objects.clone(),
        );
        metrics
    }

    /// Sets how many sessions have a status.
    pub fn sessions(&self, status: &'static str, count: u64) {
        self.sessions
            .get_or_create(&StatusLabel { status })
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A job came to rest.
    pub fn job(&self, outcome: &'static str) {
        self.jobs.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// A file was judged.
    pub fn upload(&self, outcome: &'static str) {
        self.uploads.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// A step was run.
    pub fn step(&self, status: &'static str, duration: Duration) {
        self.steps
            .get_or_create(&StatusLabel { status })
            .observe(duration.as_secs_f64());
    }

    /// The object store did something.
    pub fn object_operation(&self, operation: &'static str, duration: Duration) {
        self.objects
            .get_or_create(&OperationLabel { operation })
            .observe(duration.as_secs_f64());
    }
}
