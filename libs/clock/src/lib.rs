//! Time and new ids as something passed in, never called: a test can stop the
//! one and knows where the other came from.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// Tells the time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

/// Makes ids that nobody else makes.
#[derive(Clone, Debug)]
pub struct Ids(());

// === impl Clock ===

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `at`, until [`Clock::advance`].
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(at))))
    }

    /// The time now, to the microsecond: what PostgreSQL can store, so that a
    /// time that was written reads back equal.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the machine's clock"
            )]
            Source::System => Utc::now(),
            Source::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Moves a fixed clock, and every clone of it, forward. The machine's clock
    /// is not moved.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(at) = &self.0 {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

// === impl Ids ===

impl Ids {
    /// UUIDs of version 7: they sort by the time they were made.
    pub fn random() -> Self {
        Self(())
    }

    /// A new id.
    #[expect(
        clippy::unused_self,
        reason = "callers hold an `Ids`, so that its source can change"
    )]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes ids"
    )]
    pub fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_with_its_clones() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let clone = clock.clone();

        clock.advance(Duration::seconds(3));

        assert_eq!(clone.now(), DateTime::UNIX_EPOCH + Duration::seconds(3));
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let ids = Ids::random();
        let made: Vec<_> = (0..100).map(|_| ids.next()).collect();

        assert!(made.is_sorted());
    }
}
