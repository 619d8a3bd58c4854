//! Every verb that changes the ledger, one file each. The story is always the
//! same: load with locks, decide in the domain, save.

mod answer;
mod books;
mod closed;
mod count_by_hand;
mod create_batch;
mod enter;
mod plant;
mod post_photo_count;
mod record_movements;
mod reverse;
mod target;
mod transplant;
mod write;

pub use answer::Done;
pub use count_by_hand::CountByHand;
pub use create_batch::CreateBatch;
pub use record_movements::{NewMovement, RecordMovement, RecordMovements};
pub use reverse::Reverse;
pub use target::{BedKind, Target};
pub use transplant::{Becomes, Transplant, Transplanted};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use demeter_clock::{Clock, Ids};

use crate::database::{Connection, Store};
use crate::ids::MovementId;
use crate::invalid::Invalid;
use crate::ledger::domain::closed::ClosedMonths;
use crate::ledger::domain::fact::Effective;

/// The ledger of one nursery, and what may be entered in it.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Clock,
    ids: Ids,
    /// How long ago something may have happened that is entered now.
    oldest: TimeDelta,
    closed_months: ClosedMonths,
}

// === impl Ledger ===

impl Ledger {
    /// Over a store; time and ids come from outside. What people enter may have
    /// happened `oldest` ago at most.
    pub const fn new(store: Store, clock: Clock, ids: Ids, oldest: TimeDelta) -> Self {
        Self {
            store,
            clock,
            ids,
            oldest,
            closed_months: ClosedMonths::Refuse,
        }
    }

    /// The same, with what it does with facts of closed months.
    #[must_use]
    pub fn with(self, closed_months: ClosedMonths) -> Self {
        Self {
            closed_months,
            ..self
        }
    }

    /// For reads.
    pub const fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// A movement's key; keys rise in the order of recording.
    fn next_movement(&self) -> MovementId {
        MovementId(self.ids.next())
    }

    /// When something took effect that somebody enters now.
    fn effective(
        &self,
        stated: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Effective, Invalid> {
        Effective::stated(stated, now, self.oldest)
    }

    /// Now, as precisely as both databases keep it.
    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }
}
