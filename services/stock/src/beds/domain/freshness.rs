//! How fresh a location's configuration is, in the nursery's colours.

use chrono::{DateTime, TimeDelta, Utc};

/// A configuration that was changed less than this ago is new.
const NEW: TimeDelta = TimeDelta::days(7);

/// A configuration that was last changed more than this ago may no longer hold.
const OLD: TimeDelta = TimeDelta::days(90);

/// How fresh a location's configuration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Changed less than 7 days ago: blue.
    New,
    /// There is one: green.
    Fine,
    /// Last changed more than 90 days ago: yellow.
    Old,
    /// There is none: red.
    Missing,
}

/// The instants between new, fine and old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// What was changed after it is new.
    pub new_after: DateTime<Utc>,
    /// What was last changed before it is old.
    pub old_before: DateTime<Utc>,
}

// === impl Ages ===

impl Ages {
    /// As seen from an instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            new_after: now - NEW,
            old_before: now - OLD,
        }
    }
}

// === impl Freshness ===

impl Freshness {
    /// Of a configuration that was last changed then; of none when `None`.
    pub fn of(changed: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let ages = Ages::at(now);
        match changed {
            None => Self::Missing,
            Some(changed) if changed > ages.new_after => Self::New,
            Some(changed) if changed < ages.old_before => Self::Old,
            Some(_) => Self::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_new_for_a_week_and_old_after_ninety_days() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        let changed = |ago: TimeDelta| Freshness::of(Some(now - ago), now);
        let moment = TimeDelta::microseconds(1);

        assert_eq!(changed(TimeDelta::zero()), Freshness::New);
        assert_eq!(changed(TimeDelta::days(7) - moment), Freshness::New);
        assert_eq!(changed(TimeDelta::days(7)), Freshness::Fine);
        assert_eq!(changed(TimeDelta::days(90)), Freshness::Fine);
        assert_eq!(changed(TimeDelta::days(90) + moment), Freshness::Old);
        assert_eq!(Freshness::of(None, now), Freshness::Missing);
    }
}
