//! What supervisors do to months.

use chrono::{DateTime, TimeDelta, Utc};

use super::month::{Month, Period};
use super::proposal::Rules;
use crate::ids::{LocationId, MonthActId};

/// A month whose end is being worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub month: Month,
    /// When it begins and ends; the nursery's time zone may change later.
    pub period: Period,
    /// How long before its end its closing counts may be.
    pub closing_within: TimeDelta,
    /// Who opened it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who closed it for good, and when.
    pub closed: Option<(String, DateTime<Utc>)>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The month was opened.
    Open,
    /// Beds were approved.
    Approve,
    /// Beds were taken back.
    Reopen,
    /// The month was closed for good.
    Close,
}

/// Something that a supervisor did to a month, and what it came to: the answer to the
/// request and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its key, which is the request's.
    pub id: MonthActId,
    /// The month.
    pub month: Month,
    /// What was done.
    pub verb: Verb,
    /// Beds that it was done to.
    pub beds: i64,
    /// Plants that were sold by it, or, below zero, were not.
    pub sold: i64,
    /// Who did it.
    pub user: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The approval of a bed, while nobody has taken it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The act.
    pub act: MonthActId,
    /// The bed.
    pub location: LocationId,
    /// Plants that were sold.
    pub sold: i64,
    /// Digest of what the proposal rested on.
    pub read: String,
    /// Who approved it.
    pub user: String,
    /// When.
    pub at: DateTime<Utc>,
}

// === impl Opened ===

impl Opened {
    /// What its proposals are made for.
    pub const fn rules(&self) -> Rules {
        Rules {
            period: self.period,
            closing_within: self.closing_within,
        }
    }
}

// === impl Verb ===

impl Verb {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approve => "approve",
            Self::Reopen => "reopen",
            Self::Close => "close",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Approve, Self::Reopen, Self::Close]
            .into_iter()
            .find(|known| known.code() == code)
    }
}
