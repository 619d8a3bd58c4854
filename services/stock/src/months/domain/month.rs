//! Calendar months, and the instants at which they begin and end in the nursery.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A calendar month, from January 2000 to December 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The first day.
    first: NaiveDate,
    /// The first day of the next one.
    next: NaiveDate,
}

/// A stretch of time: after the first instant, up to and with the second. A count of
/// the last instant closes it, and opens the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// It begins after this.
    pub starts: DateTime<Utc>,
    /// It ends with this.
    pub ends: DateTime<Utc>,
}

// === impl Month ===

impl Month {
    /// `None` when there is no such month, or none of these two centuries.
    pub fn new(year: i32, number: u32) -> Option<Self> {
        if !(2000..2200).contains(&year) {
            return None;
        }
        let (next_year, next) = if number == 12 {
            (year + 1, 1)
        } else {
            (year, number + 1)
        };
        Some(Self {
            first: NaiveDate::from_ymd_opt(year, number, 1)?,
            next: NaiveDate::from_ymd_opt(next_year, next, 1)?,
        })
    }

    /// The month of a [`key`](Self::key).
    pub fn from_key(key: i32) -> Option<Self> {
        Self::new(key / 100, u32::try_from(key % 100).ok()?)
    }

    /// As stored: 202610 is October 2026.
    pub fn key(self) -> i32 {
        let (year, number) = self.numbers();
        year * 100 + number
    }

    /// Its year, and its number from 1 to 12.
    pub fn numbers(self) -> (i32, i32) {
        use chrono::Datelike as _;
        let number = i32::try_from(self.first.month()).unwrap_or(0);
        (self.first.year(), number)
    }

    /// From midnight to midnight, as the clocks of a time zone show it.
    pub fn period(self, zone: Tz) -> Period {
        Period {
            starts: midnight(self.first, zone),
            ends: midnight(self.next, zone),
        }
    }
}

/// When a day begins: at midnight, or, where the clocks are put forward over it, when
/// they show the first hour again.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let begins = (0..24).find_map(|hour| {
        let shown = day.and_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&shown).earliest()
    });
    begins.map_or_else(
        || day.and_time(chrono::NaiveTime::MIN).and_utc(),
        |begins| begins.with_timezone(&Utc),
    )
}

/// `October 2026`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.format("%B %Y").fmt(f)
    }
}

// === impl Period ===

impl Period {
    /// Whether an instant lies in it.
    pub fn has(self, at: DateTime<Utc>) -> bool {
        self.starts < at && at <= self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(year: i32, number: u32) -> Month {
        Month::new(year, number).unwrap()
    }

    #[test]
    fn a_month_lasts_from_midnight_to_midnight_where_the_nursery_is() {
        let zone: Tz = "America/Argentina/Buenos_Aires".parse().unwrap();

        let Period { starts, ends } = month(2026, 12).period(zone);

        assert_eq!(starts.to_rfc3339(), "2026-12-01T03:00:00+00:00");
        assert_eq!(ends.to_rfc3339(), "2027-01-01T03:00:00+00:00");
    }

    #[test]
    fn where_clocks_are_put_forward_over_midnight_the_day_begins_an_hour_later() {
        // Paraguay put its clocks forward on Sunday, 1 October 2017, at midnight.
        let zone: Tz = "America/Asuncion".parse().unwrap();

        let Period { starts, .. } = month(2017, 10).period(zone);

        assert_eq!(starts.to_rfc3339(), "2017-10-01T04:00:00+00:00");
    }

    #[test]
    fn a_month_is_called_by_its_name() {
        assert_eq!(month(2026, 10).to_string(), "October 2026");
        assert_eq!(month(2026, 10).key(), 202_610);
        assert_eq!(Month::new(2026, 13), None);
        assert_eq!(Month::new(1999, 12), None);
        assert_eq!(Month::from_key(202_600), None);
    }

    proptest! {
        #[test]
        fn months_read_back_and_follow_each_other_without_a_gap(year in 2000..2199, number in 1u32..=12) {
            let this = month(year, number);
            let next = if number == 12 { month(year + 1, 1) } else { month(year, number + 1) };
            for zone in [chrono_tz::UTC, chrono_tz::America::Santiago, chrono_tz::Asia::Kathmandu] {
                prop_assert_eq!(this.period(zone).ends, next.period(zone).starts);
                prop_assert!(this.period(zone).starts < this.period(zone).ends);
            }
            prop_assert_eq!(Month::from_key(this.key()), Some(this));
        }
    }
}
