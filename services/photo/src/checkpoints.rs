//! Points before and after each durable write, where a test may end the work as
//! a crash would. Without a test they are nothing.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

/// One side of one durable write: in the database, the object store, or the
/// database of another service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// It is about to be written.
    Before(&'static str),
    /// It is written, and nobody has been told.
    After(&'static str),
}

/// Sees the work pass a point; it goes on when this returns.
#[async_trait]
pub trait Watcher: Debug + Send + Sync {
    /// The work is there.
    async fn reached(&self, point: Point);
}

/// Who watches, if anyone. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    watcher: Option<Arc<dyn Watcher>>,
}

/// Ends the process at one point, without a goodbye, as a power cut would.
#[cfg(debug_assertions)]
#[derive(Debug)]
struct PowerCut {
    at: String,
}

// === impl Point ===

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Before(write) => write!(f, "before {write}"),
            Self::After(write) => write!(f, "after {write}"),
        }
    }
}

// === impl Checkpoints ===

impl Checkpoints {
    /// Watched, for tests.
    pub fn watched_by(watcher: Arc<dyn Watcher>) -> Self {
        Self {
            watcher: Some(watcher),
        }
    }

    /// The process ends at the point that is written so: for tests that start a
    /// whole process. Release builds have no such thing.
    #[cfg(debug_assertions)]
    pub fn power_cut(at: String) -> Self {
        Self::watched_by(Arc::new(PowerCut { at }))
    }

    /// Runs one durable write, named by what it does.
    pub async fn around<T>(&self, write: &'static str, done: impl Future<Output = T>) -> T {
        self.reached(Point::Before(write)).await;
        let outcome = done.await;
        self.reached(Point::After(write)).await;
        outcome
    }

    async fn reached(&self, point: Point) {
        if let Some(watcher) = &self.watcher {
            watcher.reached(point).await;
        }
    }
}

// === impl PowerCut ===

#[cfg(debug_assertions)]
#[async_trait]
impl Watcher for PowerCut {
    async fn reached(&self, point: Point) {
        if point.to_string() == self.at {
            std::process::abort();
        }
    }
}
