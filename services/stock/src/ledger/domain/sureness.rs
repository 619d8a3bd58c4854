//! How sure a photo's count is. The ledger gets the expected number; this is kept
//! beside it, and changes nothing.

use crate::invalid::Invalid;

/// How sure a photo's count is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sureness {
    /// Where the true number lies in 95 of 100 photos; `None` of a model that was not
    /// calibrated.
    pub range: Option<Range>,
    /// Boxes in the photo; `None` of counts that are older than this.
    pub boxes: Option<i32>,
}

/// From and to, both included; never below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    low: i32,
    high: i32,
}

// === impl Range ===

impl Range {
    /// Both ends, or none. Refused otherwise, by field.
    pub fn of(low: Option<i32>, high: Option<i32>) -> Result<Option<Self>, Invalid> {
        match (low, high) {
            (None, None) => Ok(None),
            (Some(low), Some(high)) if 0 <= low && low <= high => Ok(Some(Self { low, high })),
            (Some(_), Some(_)) => Err(Invalid::new("plants_high", "must not be below plants_low")),
            (Some(_), None) => Err(Invalid::new("plants_high", "must be there with plants_low")),
            (None, Some(_)) => Err(Invalid::new("plants_low", "must be there with plants_high")),
        }
    }

    /// Seldom fewer.
    pub fn low(self) -> i32 {
        self.low
    }

    /// Seldom more.
    pub fn high(self) -> i32 {
        self.high
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn a_range_has_two_ends_in_order_or_none() {
        let range = Range::of(Some(3), Some(3)).unwrap().unwrap();
        assert_eq!((range.low(), range.high()), (3, 3));
        assert_eq!(Range::of(None, None), Ok(None));
        for (low, high, field) in [
            (Some(4), Some(3), "plants_high"),
            (Some(4), None, "plants_high"),
            (None, Some(4), "plants_low"),
            (Some(-1), Some(3), "plants_high"),
        ] {
            assert_eq!(Range::of(low, high).unwrap_err().field, field);
        }
    }
}
