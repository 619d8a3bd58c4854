//! The thread that owns the model.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use demeter_yolo::Model;
use image::RgbImage;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::info;

use super::{Held, search, warm_up};
use crate::domain::{Looked, Parameters, Plan};
use crate::metrics::{Metrics, Waiting};

/// What a look at a photo gives.
pub(super) type Outcome = Result<Looked, LookError>;

/// Why a look at a photo gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error("the network could not be run")]
    Network(#[from] demeter_yolo::Error),
    #[error("the network panicked")]
    Panicked,
}

/// Why the thread ended although photos may still come.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThreadError {
    #[error("the system gives no threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error("the model failed to warm up")]
    WarmUp(#[from] demeter_yolo::Error),
    #[error("the model's thread panicked")]
    Panicked,
}

/// One photo to look at.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) pixels: Arc<RgbImage>,
    pub(super) plan: Plan,
    pub(super) parameters: Parameters,
    pub(super) reply: oneshot::Sender<Outcome>,
    /// Kept until the photo was looked at or skipped.
    pub(super) held: Arc<Held>,
    pub(super) waiting: Waiting,
}

/// Everything the thread owns.
pub(super) struct Worker {
    pub(super) model: Model,
    pub(super) jobs: mpsc::UnboundedReceiver<Job>,
    pub(super) threads: usize,
    pub(super) metrics: Metrics,
}

// === impl Worker ===

impl Worker {
    /// Warms up, then looks at photos until nobody can send one any more.
    pub(super) fn run(
        mut self,
        warm_up_parameters: Parameters,
        warm: &watch::Sender<bool>,
    ) -> Result<(), ThreadError> {
        // A pool of its own, so that the number of threads is this model's.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .thread_name(|index| format!("model-{index}"))
            .build()?;
        pool.install(|| {
            warm_up(&self.model, &warm_up_parameters)?;
            warm.send_replace(true);
            info!(threads = self.threads, "the model is ready");
            while let Some(job) = self.jobs.blocking_recv() {
                self.serve(job);
            }
            Ok(())
        })
    }

    fn serve(&self, job: Job) {
        let Job {
            pixels,
            plan,
            parameters,
            reply,
            held,
            waiting,
        } = job;
        drop(waiting);
        if reply.is_closed() {
            return;
        }
        let began = Instant::now();
        let gone = || reply.is_closed();
        // A panic must not take the thread with it: the next photo may be sound.
        let looked = catch_unwind(AssertUnwindSafe(|| {
            search(&self.model, &pixels, &plan, &parameters, &gone)
        }));
        let outcome = match looked {
            Ok(found) => found.map_err(LookError::from),
            Err(_panic) => Err(LookError::Panicked),
        };
        let windows = outcome.as_ref().map_or(0, |looked| looked.window_count);
        self.metrics.looked(began.elapsed(), windows);
        // The caller may send the next photo as soon as it has this answer.
        drop((held, pixels));
        if reply.send(outcome).is_err() {
            info!("the caller left before the photo was counted");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use demeter_yolo::{Architecture, Device, Model, Scale, Task};
    use image::RgbImage;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;
    use tokio::sync::{Semaphore, mpsc, oneshot, watch};

    use super::{Held, Job, Worker};
    use crate::domain::{Parameters, Plan, Size};
    use crate::metrics::Metrics;

    fn model() -> Model {
        let architecture = Architecture {
            scale: Scale::Nano,
            task: Task::Detect,
            classes: 1,
        };
        Model::seeded(architecture, 1, &Device::Cpu).unwrap()
    }

    #[test]
    fn a_photo_whose_caller_has_gone_is_skipped_and_the_next_one_is_looked_at() {
        let parameters = Parameters::default().with_tile_size(160).unwrap();
        let size = Size {
            width: 64,
            height: 64,
        };
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        let permits = Arc::new(Semaphore::new(2));
        let (jobs, waiting) = mpsc::unbounded_channel();
        let mut answers = Vec::new();
        for _ in 0..2 {
            let (reply, answer) = oneshot::channel();
            let held = Held {
                _place: Arc::clone(&permits).try_acquire_owned().unwrap(),
                _memory: None,
            };
            let job = Job {
                pixels: Arc::new(RgbImage::new(64, 64)),
                plan: Plan::of(size, &parameters),
                parameters,
                reply,
                held: Arc::new(held),
                waiting: metrics.waiting(),
            };
            jobs.send(job).unwrap();
            answers.push(answer);
        }
        drop((jobs, answers.remove(0)));

        let worker = Worker {
            model: model(),
            jobs: waiting,
            threads: 1,
            metrics,
        };
        let ended = worker.run(parameters, &watch::channel(false).0);
        ended.unwrap();

        assert!(answers.remove(0).blocking_recv().unwrap().is_ok());
        assert_eq!(permits.available_permits(), 2);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(
            text.contains("inference_duration_seconds_count 1"),
            "{text}"
        );
        assert!(text.contains("queue_depth 0"), "{text}");
    }
}
