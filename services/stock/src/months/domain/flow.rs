//! What happened to plants between two instants, by what it was. Month-ends and
//! timelines tell the same numbers, because both are told by this.

use std::ops::{Add, AddAssign};

use crate::ledger::domain::fact::FactId;
use crate::ledger::domain::movement::MovementType;

/// What a line of the ledger is in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Planted or sown.
    Planted,
    /// Came from elsewhere.
    MovedIn,
    /// Went elsewhere.
    MovedOut,
    /// Died.
    Died,
    /// Corrected by hand, with a reason.
    Adjusted,
    /// Sold, by a movement that somebody entered.
    Sold,
    /// Sold, as a month-end says: written by the approval or the reopening of a bed.
    Approved,
    /// What a count put in or took out, and the half of an approved sale that gives
    /// back what the count had taken. No adjustment in any report.
    Counted,
}

/// Plants by what happened to them. None is below zero, unless corrections outweigh
/// what they correct, or it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Planted and sown.
    pub planted: i64,
    /// Came from elsewhere.
    pub moved_in: i64,
    /// Went elsewhere.
    pub moved_out: i64,
    /// Died.
    pub died: i64,
    /// Came, or, below zero, went by adjustments.
    pub adjusted: i64,
    /// Sold, as entered.
    pub sold: i64,
    /// Sold, as month-ends say.
    pub approved: i64,
    /// What counts found more, or, below zero, less than was told, as far as no
    /// month-end says that it was sold.
    pub counted: i64,
}

// === impl Class ===

impl Class {
    /// What a line of a fact is. `entered` is the movement that the fact is, when
    /// somebody entered it: its type, and whether it brought plants. A line that
    /// corrects a movement is of the same class as the movement.
    pub const fn of(
        fact: FactId,
        line: MovementType,
        entered: Option<(MovementType, bool)>,
    ) -> Self {
        match fact {
            FactId::Photo(_) | FactId::Hand(_) => Self::Counted,
            FactId::Month(_) => match line {
                MovementType::Ventas => Self::Approved,
                _ => Self::Counted,
            },
            FactId::Entry(_) => match entered {
                Some((entered, inbound)) => Self::entered(entered, inbound),
                None => Self::Adjusted,
            },
        }
    }

    const fn entered(entered: MovementType, inbound: bool) -> Self {
        match entered {
            MovementType::Plantar | MovementType::Sembrar => Self::Planted,
            MovementType::Transplante if inbound => Self::MovedIn,
            MovementType::Transplante => Self::MovedOut,
            MovementType::Muerte => Self::Died,
            MovementType::Ventas => Self::Sold,
            MovementType::Ajuste => Self::Adjusted,
            MovementType::Foto | MovementType::ManualInit => Self::Counted,
        }
    }
}

// === impl Flow ===

impl Flow {
    /// Plants that came, or, below zero, went by one line.
    pub fn of(class: Class, plants: i64) -> Self {
        let mut flow = Self::default();
        match class {
            Class::Planted => flow.planted = plants,
            Class::MovedIn => flow.moved_in = plants,
            Class::MovedOut => flow.moved_out = -plants,
            Class::Died => flow.died = -plants,
            Class::Adjusted => flow.adjusted = plants,
            Class::Sold => flow.sold = -plants,
            Class::Approved => flow.approved = -plants,
            Class::Counted => flow.counted = plants,
        }
        flow
    }

    /// Plants that came, less those that went, by all that is known of but sales and
    /// counts.
    pub const fn known(&self) -> i64 {
        self.planted + self.moved_in - self.moved_out - self.died + self.adjusted
    }

    /// Sales, whoever says them.
    pub const fn sales(&self) -> i64 {
        self.sold + self.approved
    }

    /// By how much what stands changed.
    pub const fn net(&self) -> i64 {
        self.known() - self.sales() + self.counted
    }

    /// Whether nothing came and nothing went.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// All its numbers, for a digest.
    pub const fn numbers(&self) -> [i64; 8] {
        let Self {
            planted,
            moved_in,
            moved_out,
            died,
            adjusted,
            sold,
            approved,
            counted,
        } = *self;
        [
            planted, moved_in, moved_out, died, adjusted, sold, approved, counted,
        ]
    }
}

impl Add for Flow {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            planted: self.planted + more.planted,
            moved_in: self.moved_in + more.moved_in,
            moved_out: self.moved_out + more.moved_out,
            died: self.died + more.died,
            adjusted: self.adjusted + more.adjusted,
            sold: self.sold + more.sold,
            approved: self.approved + more.approved,
            counted: self.counted + more.counted,
        }
    }
}

impl AddAssign for Flow {
    fn add_assign(&mut self, more: Self) {
        *self = *self + more;
    }
}

impl std::iter::Sum for Flow {
    fn sum<I: Iterator<Item = Self>>(flows: I) -> Self {
        flows.fold(Self::default(), Self::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{MonthActId, MovementId, SessionId};
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn the_pair_of_a_count_is_no_adjustment_and_the_pair_of_an_approval_is_a_sale() {
        let photo = FactId::Photo(SessionId(Uuid::nil()));
        let month = FactId::Month(MonthActId(Uuid::nil()));

        let of = |fact, line| Class::of(fact, line, None);

        assert_eq!(of(photo, MovementType::Foto), Class::Counted);
        assert_eq!(of(photo, MovementType::Ajuste), Class::Counted);
        assert_eq!(of(month, MovementType::Ajuste), Class::Counted);
        assert_eq!(of(month, MovementType::Ventas), Class::Approved);
    }

    #[test]
    fn a_line_that_corrects_a_death_is_a_death() {
        let entry = FactId::Entry(MovementId(Uuid::nil()));
        let died = Some((MovementType::Muerte, false));

        let class = Class::of(entry, MovementType::Ajuste, died);

        assert_eq!(class, Class::Died);
        let flow = Flow::of(Class::Died, -20) + Flow::of(class, 5);
        assert_eq!((flow.died, flow.net()), (15, -15));
    }

    fn a_class() -> impl Strategy<Value = Class> {
        prop::sample::select(vec![
            Class::Planted,
            Class::MovedIn,
            Class::MovedOut,
            Class::Died,
            Class::Adjusted,
            Class::Sold,
            Class::Approved,
            Class::Counted,
        ])
    }

    proptest! {
        #[test]
        fn a_flow_loses_no_plant(lines in prop::collection::vec((a_class(), -999i64..999), 0..20)) {
            let flow: Flow = lines.iter().map(|(class, plants)| Flow::of(*class, *plants)).sum();

            prop_assert_eq!(flow.net(), lines.iter().map(|(_, plants)| plants).sum::<i64>());
        }
    }
}
