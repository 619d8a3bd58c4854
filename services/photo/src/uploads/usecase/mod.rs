//! Takes photos in: judged one by one, objects before rows, the same bytes for
//! the same location once.

mod answer;
mod receive;
mod store_file;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use demeter_clock::{Clock, Ids};
use demeter_wakeup::Wakeup;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::intake::IncomingFile;
use crate::database::Store;
use crate::metrics::Metrics;
use crate::pictures::Pictures;
use crate::ports::{LocationId, Stock};

/// Photos to store.
#[derive(Debug)]
pub struct Upload {
    /// Who uploads.
    pub user: String,
    /// In the order sent; never empty.
    pub files: Vec<IncomingFile>,
    /// The location in the photos, when stated.
    pub location: Option<LocationId>,
    /// When they were taken, when stated.
    pub taken_at: Option<DateTime<Utc>>,
    /// The same id gives the same answer.
    pub request: Option<Uuid>,
}

/// Takes photos in.
pub struct Uploads {
    /// The truth.
    pub store: Store,
    /// The bytes.
    pub pictures: Pictures,
    /// Knows the locations.
    pub stock: Arc<dyn Stock>,
    /// Wakes the workers.
    pub wakeup: Wakeup,
    /// The time.
    pub clock: Clock,
    /// New keys.
    pub ids: Ids,
    /// A permit per MiB that images hold.
    pub decoders: Arc<Semaphore>,
    /// A permit per file that is decoded at once, to be judged.
    pub judges: Arc<Semaphore>,
    /// Pixels of one image.
    pub max_pixels: u64,
    /// Counts what happens.
    pub metrics: Metrics,
}
