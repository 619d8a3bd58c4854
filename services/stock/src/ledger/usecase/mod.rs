//! Every verb that changes state, one file each. The story is always the same:
//! begin, load with locks, decide in the domain, save, commit.

mod count_by_hand;
mod create_batch;
mod plant;
mod post_photo_count;
mod record_movement;

pub use count_by_hand::CountByHand;
pub use create_batch::CreateBatch;
pub use record_movement::RecordMovement;

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::{Clock, Ids};

use crate::database::{RequestKey, Store, Tx, Used};
use crate::error::{Error, Exists};
use crate::ledger::domain::batch::Effect;

/// The ledger of one nursery, and what may be entered in it.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Clock,
    ids: Ids,
}

// === impl Ledger ===

impl Ledger {
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
