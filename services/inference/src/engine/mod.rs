//! The model, and the one thread that owns it.
//!
//! A photo needs a place in the queue, and memory for what its header says that
//! decoding it takes; both are bounded. Photos wait in order; one whose caller has
//! gone is skipped.

mod picture;
mod pixels;
mod search;
mod weights;
mod worker;

use std::sync::Arc;

use bytes::Bytes;

use demeter_pictures::mebibytes;
use demeter_yolo::Model;
use image::RgbImage;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::domain::{Looked, ModelCard, Parameters, Plan, Size};
use crate::metrics::Metrics;
use crate::usecase::{Vision, VisionError};

use picture::judge;
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
    /// MiB that photos may hold at once, while they are decoded and after.
    pub memory_mib: u32,
}

/// Hands photos to the thread that owns the model.
#[derive(Debug)]
pub(crate) struct Engine {
    card: ModelCard,
    jobs: mpsc::UnboundedSender<Job>,
    permits: Arc<Semaphore>,
    /// A permit per MiB.
    memory: Arc<Semaphore>,
    ready: watch::Receiver<bool>,
    metrics: Metrics,
}

/// A decoded photo that has its place in the queue.
#[derive(Debug)]
pub(crate) struct Photo {
    pixels: Arc<RgbImage>,
    held: Arc<Held>,
}

/// What a photo holds until nothing works on it any more.
#[derive(Debug)]
pub(crate) struct Held {
    _place: OwnedSemaphorePermit,
    _memory: Option<OwnedSemaphorePermit>,
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
        let Loaded {
            model,
            card,
            calibration: _,
        } = loaded;
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
            memory: Arc::new(Semaphore::new(index(limits.memory_mib))),
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
        let place = self.admit()?;
        let needed = judge(&image)
            .map_err(|error| unreadable(&error))?
            .bytes_to_decode();
        let memory = Arc::clone(&self.memory);
        let mut memory = memory
            .acquire_many_owned(mebibytes(needed))
            .await
            .map_err(failed)?;
        let decoding = tokio::task::spawn_blocking(move || {
            let pixels = decode(&image);
            // Only the pixels stay.
            let kept = pixels.as_ref().map_or(0, |pixels| pixels.len() as u64);
            let kept = memory.split(index(mebibytes(kept)));
            (pixels, kept)
        });
        let (decoded, memory) = decoding.await.map_err(failed)?;
        let pixels = Arc::new(decoded.map_err(|error| unreadable(&error))?);
        let held = Arc::new(Held {
            _place: place,
            _memory: memory,
        });
        Ok(Photo { pixels, held })
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
    ) -> Result<Looked, VisionError> {
        let (reply, answer) = oneshot::channel();
        let waiting = self.metrics.waiting();
        let job = Job {
            pixels: Arc::clone(&photo.pixels),
            plan: plan.clone(),
            parameters,
            reply,
            held: Arc::clone(&photo.held),
            waiting,
        };
        self.jobs.send(job).map_err(failed)?;
        answer.await.map_err(failed)?.map_err(failed)
    }
}

fn unreadable(error: &UnreadablePicture) -> VisionError {
    VisionError::Unreadable(error.to_string())
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
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
