//! Every verb that changes state, one file each. The story is always the same:
//! begin, load with locks, decide in the domain, save, commit.

mod configure_location;
mod count_by_hand;
mod create_batch;
mod extend_catalog;
mod import_places;
mod plant;
mod post_photo_count;
mod record_movement;

pub use configure_location::ConfigureLocation;
pub use count_by_hand::CountByHand;
pub use create_batch::CreateBatch;
pub use import_places::{Imported, import};
pub use record_movement::RecordMovement;

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::{Clock, Ids};

use crate::domain::batch::Effect;
use crate::error::{Error, Exists};
use crate::store::{RequestKey, Store, Tx, Used};

/// The stock of one nursery, and what may be done to it.
#[derive(Clone)]
pub struct Stock {
    store: Store,
    clock: Clock,
    ids: Ids,
}

// === impl Stock ===

impl Stock {
    /// Over a store; time and ids come from outside.
    pub const fn new(store: Store, clock: Clock, ids: Ids) -> Self {
        Self { store, clock, ids }
    }

    /// For reads.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Now, as precisely as both databases keep it.
    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }
}

/// The answer that a request got before, if it is a retry.
async fn answered(tx: &Tx, key: &RequestKey) -> Result<Option<Effect>, Error> {
    match tx.find_request(key).await? {
        None => Ok(None),
        Some(Used::Same(effect)) => Ok(Some(*effect)),
        Some(Used::Otherwise) => Err(Exists::RequestIdReused.into()),
    }
}
