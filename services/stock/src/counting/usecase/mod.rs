//! States how densely plants stand, calibrates it with counts, and lets people count
//! together.

mod calibrate;
mod density;
mod entry;
mod post;
mod session;

pub use calibrate::{Calibrate, Evidence};
pub use density::{StateDensity, StateNewDensity};
pub use entry::{EnterCount, WithdrawCount};
pub use post::PostSession;
pub use session::OpenSession;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use demeter_clock::{Clock, Ids};

use crate::database::{Connection, Store};
use crate::ledger::usecase::Ledger;

/// What a nursery counts by.
#[derive(Clone)]
pub struct Counting {
    store: Store,
    clock: Clock,
    ids: Ids,
    /// What was counted together is posted to it.
    ledger: Ledger,
    /// How long ago something may have been counted that is entered now.
    oldest: TimeDelta,
}

// === impl Counting ===

impl Counting {
    /// Over a store; time and ids come from outside. What people enter may have been
    /// counted `oldest` ago at most.
    pub const fn new(
        store: Store,
        clock: Clock,
        ids: Ids,
        ledger: Ledger,
        oldest: TimeDelta,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            ledger,
            oldest,
        }
    }

    /// For reads.
    pub const fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// Now, as precisely as both databases keep it.
    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }
}
