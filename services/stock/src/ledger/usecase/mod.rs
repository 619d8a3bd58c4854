//! Every verb that changes the ledger, one file each. The story is always the
//! same: load with locks, decide in the domain, save.

mod count_by_hand;
mod create_batch;
mod enter;
mod plant;
mod post_photo_count;
mod record_movement;

pub use count_by_hand::CountByHand;
pub use create_batch::CreateBatch;
pub use record_movement::RecordMovement;

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::{Clock, Ids};

use crate::database::{Connection, Store};
use crate::ids::MovementId;

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
    pub const fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// A movement's key; keys rise in the order of recording.
    fn next_movement(&self) -> MovementId {
        MovementId(self.ids.next())
    }

    /// Now, as precisely as both databases keep it.
    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }
}
