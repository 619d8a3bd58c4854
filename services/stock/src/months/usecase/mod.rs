//! Every verb of the month-end, one file each.

mod approve;
mod carry;
mod close;
mod compare;
mod open;
mod propose;
mod reopen;
mod request;

pub use approve::{Approve, Named};
pub use close::Close;
pub use compare::Compared;
pub use open::Open;
pub use propose::{BedMonth, Reconciled, Standing, standing_of};
pub use reopen::Reopen;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use demeter_clock::{Clock, Ids};

use crate::database::{Connection, Store, StoreError, Tx};
use crate::error::{Error, Refusal};
use crate::ids::MovementId;
use crate::ledger::domain::closed::ClosedMonths;
use crate::ledger::store::closed_months;
use crate::months::domain::act::Opened;
use crate::months::domain::month::Month;
use crate::months::store::months;

/// How the nursery ends its months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Its time zone.
    pub zone: Tz,
    /// How long before a month's end its closing counts may be.
    pub closing_within: TimeDelta,
    /// What becomes of facts of months that are closed for good.
    pub closed_months: ClosedMonths,
}

/// The month-ends of one nursery.
#[derive(Clone)]
pub struct Months {
    store: Store,
    clock: Clock,
    ids: Ids,
    calendar: Calendar,
}

// === impl Months ===

impl Months {
    /// Over a store; time and ids come from outside.
    pub const fn new(store: Store, clock: Clock, ids: Ids, calendar: Calendar) -> Self {
        Self {
            store,
            clock,
            ids,
            calendar,
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

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// A month that was opened.
async fn opened(tx: &Tx, month: Month) -> Result<Opened, Error> {
    Error::found(months::find(tx, month).await, "opened month", month)
}

/// A month that was opened, and is not closed for good, nor is a later one. Whoever
/// asks has locked the beds: a month is closed with all of them locked.
async fn open(tx: &Tx, month: Month) -> Result<Opened, Error> {
    let found = opened(tx, month).await?;
    match closed_months::last(tx).await? {
        Some(last) if last.month >= month.key() => Err(closed(&last)?.into()),
        Some(_) | None => Ok(found),
    }
}

/// Why something of a closed month is refused.
fn closed(last: &closed_months::ClosedMonth) -> Result<Refusal, StoreError> {
    let month = Month::from_key(last.month).ok_or(StoreError::Corrupt("month"))?;
    Ok(Refusal::PeriodClosed {
        month: month.to_string(),
        ends_at: last
            .ends_at
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    })
}
