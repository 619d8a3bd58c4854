//! The model, and the one thread that owns it.
//!
//! A photo needs a permit before its bytes are decoded, so memory is bounded by
//! the length of the queue. Photos wait in order; one whose caller has gone is
//! skipped.

mod picture;
mod pixels;
mod search;
mod weights;
mod worker;

use std::sync::Arc;

use bytes::Bytes;

use demeter_yolo::Model;
use image::RgbImage;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::domain::{ModelCard, Parameters, Plan, Sighting, Size};
use crate::metrics::Metrics;
use crate::usecase::{Vision, VisionError};

pub(crate) use picture::{UnreadablePicture, decode};
pub(crate) use search::search;
pub use weights::{LoadError, Loaded, load};
use worker::{Job, ThreadError, Worker};

/// How the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Threads that compute.
    pub threads: usize,
    /// Photos that may be decoded or waiting at once.
    pub queue: usize,
}

/// Hands photos to the thread that owns the model.
#[derive(Debug)]
pub(crate) struct Engine {
    card: ModelCard,
    jobs: mpsc::UnboundedSender<Job>,
    permits: Arc<Semaphore>,
    ready: watch::Receiver<bool>,
    metrics: Metrics,
}

/// A decoded photo that has its place in the queue.
#[derive(Debug)]
pub(crate) struct Photo {
    pixels: Arc<RgbImage>,
    permit: Arc<OwnedSemaphorePermit>,
}

/// The engine's thread; it ends when the engine is dropped.
#[derive(Debug)]
pub(crate) struct Running(std::thread::JoinHandle<Result<(), ThreadError>>);

// === impl Engine ===

impl Engine {
    /// Starts the thread, which warms the model up before it takes photos.
    pub(crate) fn start(
        loaded: Loaded,
        limits: Limits,
        warm_up: Parameters,
        metrics: Metrics,
    ) -> std::io::Result<(Self, Running)> {
        let Loaded { model, card } = loaded;
        // Bounded by the permits: a job exists only with one.
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (warm, ready) = watch::channel(false);
        let worker = Worker {
            model: model.with_threads(limits.threads),
            jobs: waiting,
            threads: limits.threads,
            metrics: metrics.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || worker.run(warm_up, &warm))?;
        let engine = Self {
            card,
            jobs,
            permits: Arc::new(Semaphore::new(limits.queue)),
            ready,
            metrics,
        };
        Ok((engine, Running(thread)))
    }

    /// Tells, again and again, whether the model has warmed up.
    pub(crate) fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    fn admit(&self) -> Result<OwnedSemaphorePermit, VisionError> {
        if !*self.ready.borrow() {
            return Err(VisionError::WarmingUp);
        }
        let permits = Arc::clone(&self.permits);
        let refused = |_full| {
            self.metrics.refused();
            VisionError::Overloaded
        };
        permits.try_acquire_owned().map_err(refused)
    }
}

impl Vision for Engine {
    type Photo = Photo;

    fn model(&self) -> &ModelCard {
        &self.card
    }

    async fn open(&self, image: Bytes) -> Result<Photo, VisionError> {
        let permit = Arc::new(self.admit()?);
        let decoding = tokio::task::spawn_blocking(move || decode(&image));
        let decoded = decoding.await.map_err(failed)?;
        let pixels = decoded.map_err(|error| VisionError::Unreadable(error.to_string()))?;
        let pixels = Arc::new(pixels);
        Ok(Photo { pixels, permit })
    }

    fn size(&self, photo: &Photo) -> Size {
        let (width, height) = photo.pixels.dimensions();
        Size { width, height }
    }

    async fn look(
        &self,
        photo: &Photo,
        plan: &Plan,
        parameters: Parameters,
    ) -> Result<Vec<Vec<Sighting>>, VisionError> {
        let (reply, answer) = oneshot::channel();
        let waiting = self.metrics.waiting();
        let job = Job {
            pixels: Arc::clone(&photo.pixels),
            plan: plan.clone(),
            parameters,
            reply,
            permit: Arc::clone(&photo.permit),
            waiting,
        };
        self.jobs.send(job).map_err(failed)?;
        answer.await.map_err(failed)?.map_err(failed)
    }
}

fn failed<E>(error: E) -> VisionError
where
    E: std::error::Error + Send + Sync + 'static,
{
    VisionError::Failed(Box::new(error))
}

// === impl Running ===

impl Running {
    /// Waits for the thread, blocking. Drop the engine first.
    pub(crate) fn join(self) -> Result<(), ThreadError> {
        self.0.join().unwrap_or(Err(ThreadError::Panicked))
    }
}

/// Runs the model once on grey, which allocates and faults in what a photo needs.
pub(crate) fn warm_up(model: &Model, parameters: &Parameters) -> Result<(), demeter_yolo::Error> {
    let side = parameters.tile_size();
    let grey = RgbImage::from_pixel(side, side, image::Rgb([114; 3]));
    let plan = Plan::of(
        Size {
            width: side,
            height: side,
        },
        parameters,
    );
    search(model, &grey, &plan, parameters, &|| false).map(|_nothing| ())
}
