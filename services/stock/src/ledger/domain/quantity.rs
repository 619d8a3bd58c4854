//! Numbers of plants: what stands, and what comes or goes.

use std::fmt;
use std::iter::Sum;
use std::num::NonZeroI64;
use std::ops::Add;

/// How many plants or pots; never below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i64);

/// How many plants come, or, below zero, go; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change(NonZeroI64);

// === impl Quantity ===

impl Quantity {
    /// No plants.
    pub const ZERO: Self = Self(0);

    /// `None` below zero.
    pub const fn new(plants: i64) -> Option<Self> {
        if plants < 0 { None } else { Some(Self(plants)) }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// What is left after a change; `None` when more would go than there are.
    pub fn after(self, change: Change) -> Option<Self> {
        self.0.checked_add(change.get()).and_then(Self::new)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(quantities: I) -> Self {
        quantities.fold(Self::ZERO, Self::add)
    }
}

// === impl Change ===

impl Change {
    /// `None` when nothing changes.
    pub const fn new(plants: i64) -> Option<Self> {
        match NonZeroI64::new(plants) {
            Some(plants) => Some(Self(plants)),
            None => None,
        }
    }

    /// Plants that come: `None` unless above zero.
    pub fn coming(plants: i64) -> Option<Self> {
        Self::new(plants).filter(|change| change.is_inbound())
    }

    /// Above zero for plants that come, below for plants that go.
    pub const fn get(self) -> i64 {
        self.0.get()
    }

    /// Whether plants come.
    pub const fn is_inbound(self) -> bool {
        self.0.is_positive()
    }

    /// The same plants the other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// How many plants come or go.
    pub const fn plants(self) -> Quantity {
        Quantity(self.0.get().saturating_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_below_zero_and_no_change_is_nothing() {
        assert_eq!(Quantity::new(-1), None);
        assert_eq!(Change::new(0), None);
        assert_eq!(Change::coming(-3), None);
    }

    #[test]
    fn more_cannot_go_than_there_are() {
        let five = Quantity::new(5).unwrap();

        assert_eq!(five.after(Change::new(-6).unwrap()), None);
        assert_eq!(five.after(Change::new(-5).unwrap()), Some(Quantity::ZERO));
        assert_eq!(five.after(Change::new(i64::MAX).unwrap()), None);
    }

    #[test]
    fn a_change_counts_its_plants_whichever_way_they_move() {
        let death = Change::new(-3).unwrap();

        assert_eq!(death.plants(), Quantity::new(3).unwrap());
        assert_eq!(death.reversed().get(), 3);
    }
}
