//! Counts as they are posted: by a photo or by hand.

use chrono::{DateTime, Utc};

use super::batch::{Batch, Effect};
use super::fact::{Covers, Effective};
use super::movement::Movement;
use super::quantity::Quantity;
use super::sureness::Sureness;
use crate::catalog::domain::Kind;
use crate::ids::{HandCountId, LocationId, SessionId};

/// A photo's count as it was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoCount {
    /// The photo's session.
    pub session: SessionId,
    /// Where.
    pub location: LocationId,
    /// Plants.
    pub quantity: Quantity,
    /// How sure that number is.
    pub sureness: Sureness,
    /// When the photo was taken.
    pub observed_at: DateTime<Utc>,
    /// Who took it.
    pub user: String,
}

/// A count by hand as it was posted: plants of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandCount {
    /// Tells it from every other one.
    pub id: HandCountId,
    /// Where.
    pub location: LocationId,
    /// What was counted.
    pub kind: Kind,
    /// The plants; none when there were none.
    pub plants: Quantity,
    /// What else of the product it speaks of.
    pub covers: Covers,
    /// When they were counted.
    pub effective: Effective,
    /// Who counted.
    pub user: String,
}

/// What posting a count did to its location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Plants in the location before.
    pub previous_quantity: Quantity,
    /// Plants in the location after.
    pub current_quantity: Quantity,
    /// A count of a later instant was there already; what stands now did not change.
    pub superseded: bool,
}

/// What posting a photo's count did: the answer to the request and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Holds the counted plants, or most of them; `None` when none were counted, and
    /// when nothing of them is left now.
    pub batch: Option<Batch>,
    /// In the order of recording.
    pub movements: Vec<Movement>,
    /// What it did to the location.
    pub difference: Difference,
}

/// A photo's count that was posted, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The count; its instant is never after the posting.
    pub count: PhotoCount,
    /// What it did.
    pub replacement: Replacement,
    /// When it was posted.
    pub at: DateTime<Utc>,
}

/// What posting a count by hand did: the answer to the request and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandCounted {
    /// The batch with the counted plants, their line, and the other lines.
    pub effect: Effect,
    /// What it did to the location.
    pub difference: Difference,
}

// === impl PhotoCount ===

impl PhotoCount {
    /// The count as it is posted: a phone's clock may be ahead, and a count is
    /// never newer than its posting.
    #[must_use]
    pub fn posted_at(&self, now: DateTime<Utc>) -> Self {
        Self {
            observed_at: self.observed_at.min(now),
            ..self.clone()
        }
    }
}

// === impl Posted ===

impl Posted {
    /// Whether this is the count that was posted, sent again.
    pub fn is(&self, count: &PhotoCount) -> bool {
        let again = count.posted_at(self.at);
        self.count.location == again.location
            && self.count.quantity == again.quantity
            && self.count.observed_at == again.observed_at
    }
}
