//! What happened in a bed from count to count, and whether it adds up.

use chrono::{DateTime, Utc};

use crate::months::domain::books::{BedBooks, Counted};
use crate::months::domain::flow::Flow;

/// What happened after a count, up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelinePeriod {
    /// When the count was made that begins it.
    pub begins: DateTime<Utc>,
    /// When the next one was made; `None` while there is none.
    pub ends: Option<DateTime<Utc>>,
    /// Plants at its beginning.
    pub initial: i64,
    /// What happened.
    pub flow: Flow,
    /// Plants at its end.
    pub last: i64,
}

/// The periods of a bed, oldest first; what stands `now` ends the last one.
pub fn timeline(books: &BedBooks, now: DateTime<Utc>) -> Vec<TimelinePeriod> {
    let mut counts: Vec<DateTime<Utc>> = books.counts.iter().map(Counted::at).collect();
    counts.dedup();
    let nexts = counts.iter().skip(1).copied().map(Some).chain([None]);
    let periods = counts.iter().zip(nexts).map(|(begins, ends)| {
        let until = ends.unwrap_or(now);
        TimelinePeriod {
            begins: *begins,
            ends,
            initial: books.all_stood(*begins),
            flow: books.all_flow(*begins, until),
            last: books.all_stood(until),
        }
    });
    periods.collect()
}

// === impl TimelinePeriod ===

impl TimelinePeriod {
    /// Plants that what is known is above the last number, or, below zero, below it.
    pub const fn difference(&self) -> i64 {
        self.initial + self.flow.known() - self.flow.sales() - self.last
    }
}
