//! What a photo's count does to the batches of its location.
//!
//! The count is true as of the photo's instant: what stood there then is taken
//! out, the counted plants are put in, and what moved later keeps its effect.

use chrono::{DateTime, Utc};

use super::batch::Batch;
use super::movement::Movement;
use super::quantity::{Change, Quantity};
use super::sureness::Sureness;
use crate::ids::{BatchId, LocationId, SessionId};

/// A count as it was posted.
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

/// What posting a count did: the answer to the request and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Holds the counted plants; `None` when none were counted.
    pub batch: Option<Batch>,
    /// In the order of recording.
    pub movements: Vec<Movement>,
    /// Plants in the location before.
    pub previous_quantity: Quantity,
    /// Plants in the location after.
    pub current_quantity: Quantity,
    /// A newer count was there already; nothing changed.
    pub superseded: bool,
}

/// A count that was posted, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The count; its instant is never after the posting.
    pub count: PhotoCount,
    /// What it did.
    pub replacement: Replacement,
    /// When it was posted.
    pub at: DateTime<Utc>,
}

/// A batch of the location, as far as a count needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The batch.
    pub batch: BatchId,
    /// Its plants when the photo was taken: the sum of what had taken effect by
    /// then. Below zero where a later count took out more than had come.
    pub then: i64,
    /// Its plants now.
    pub now: Quantity,
}

/// One movement that the count causes. Applied in order, no batch goes below
/// zero in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The batch that changes.
    pub batch: BatchId,
    /// Plants added or removed.
    pub change: Change,
    /// What kind of step it is.
    pub what: What,
}

/// The two kinds of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The counted plants.
    Counted,
    /// What the count replaces.
    Replaced {
        /// Plants that left other batches after the photo: they were in the
        /// photo, so they are taken from the counted ones.
        left_elsewhere: i64,
        /// Plants that the batch no longer has: taking them too would have
        /// brought it below zero.
        missing: i64,
    },
}

/// Replaces what stood in a location by `count` plants of `target`.
///
/// `target` is needed when plants were counted; it may be one of `standing`.
/// A batch from which more left after the photo than it keeps ends at zero:
/// what was in the photo and has left since is taken from the counted plants,
/// as far as there are any.
pub fn replace(standing: &[Standing], target: BatchId, count: Quantity) -> Vec<Step> {
    let count = count.get();
    let mut steps = Vec::new();
    let mut left_elsewhere = 0;
    for batch in standing.iter().filter(|batch| batch.batch != target) {
        let taken = batch.then.min(batch.now.get());
        let missing = batch.then - taken;
        left_elsewhere += missing;
        push(
            &mut steps,
            batch.batch,
            -taken,
            What::Replaced {
                left_elsewhere: 0,
                missing,
            },
        );
    }
    let own = standing.iter().find(|batch| batch.batch == target);
    let (then, now) = own.map_or((0, 0), |own| (own.then, own.now.get()));
    // First the plants come, then others go: the balance stays above zero.
    push(&mut steps, target, count, What::Counted);
    let wanted = then + left_elsewhere;
    let taken = wanted.min(now + count);
    let missing = wanted - taken;
    push(
        &mut steps,
        target,
        -taken,
        What::Replaced {
            left_elsewhere,
            missing,
        },
    );
    steps
}

fn push(steps: &mut Vec<Step>, batch: BatchId, plants: i64, what: What) {
    steps.extend(Change::new(plants).map(|change| Step {
        batch,
        change,
        what,
    }));
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

// === impl What ===

impl What {
    /// The words of the ledger.
    pub fn reason(self) -> String {
        match self {
            Self::Counted => "photo count".to_owned(),
            Self::Replaced {
                left_elsewhere,
                missing,
            } => {
                let left = (left_elsewhere > 0)
                    .then(|| format!("; {left_elsewhere} left other batches after the photo"));
                let limited =
                    (missing > 0).then(|| format!("; limited to zero: {missing} had left already"));
                let (left, limited) = (left.unwrap_or_default(), limited.unwrap_or_default());
                format!("replaced by photo count{left}{limited}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn id(n: u128) -> BatchId {
        BatchId(Uuid::from_u128(n))
    }

    fn plants(plants: i64) -> Quantity {
        Quantity::new(plants).unwrap()
    }

    fn standing(n: u128, then: i64, now: i64) -> Standing {
        Standing {
            batch: id(n),
            then,
            now: plants(now),
        }
    }

    fn replace(standing: &[Standing], target: BatchId, count: i64) -> Vec<Step> {
        super::replace(standing, target, plants(count))
    }

    /// Balances after the steps; fails when one is below zero on the way.
    fn apply(standing: &[Standing], steps: &[Step]) -> BTreeMap<BatchId, i64> {
        let mut balances: BTreeMap<_, _> = standing
            .iter()
            .map(|batch| (batch.batch, batch.now.get()))
            .collect();
        for step in steps {
            let balance = balances.entry(step.batch).or_insert(0);
            *balance += step.change.get();
            assert!(*balance >= 0, "below zero at {step:?}");
        }
        balances
    }

    #[test]
    fn the_same_batch_is_set_to_the_count() {
        let batches = [standing(1, 100, 100)];

        let steps = replace(&batches, id(1), 95);

        assert_eq!(
            steps
                .iter()
                .map(|step| step.change.get())
                .collect::<Vec<_>>(),
            [95, -100]
        );
        assert_eq!(apply(&batches, &steps)[&id(1)], 95);
    }

    #[test]
    fn later_movements_keep_their_effect() {
        let batches = [standing(1, 100, 90)];

        assert_eq!(apply(&batches, &replace(&batches, id(1), 95))[&id(1)], 85);
    }

    #[test]
    fn later_deaths_beyond_the_count_end_at_exactly_zero_and_say_so() {
        let batches = [standing(1, 100, 5)];

        let steps = replace(&batches, id(1), 3);

        assert_eq!(apply(&batches, &steps)[&id(1)], 0);
        assert!(
            steps[1].what.reason().contains("limited to zero: 92"),
            "{}",
            steps[1].what.reason()
        );
    }

    #[test]
    fn plants_that_left_a_replaced_batch_after_the_photo_left_the_count_too() {
        let batches = [standing(1, 100, 90)];

        let steps = replace(&batches, id(2), 95);

        let balances = apply(&batches, &steps);
        assert_eq!((balances[&id(1)], balances[&id(2)]), (0, 85));
    }

    #[test]
    fn an_empty_bed_is_emptied_and_nothing_is_counted() {
        let batches = [standing(1, 7, 7)];

        let steps = replace(&batches, id(2), 0);

        assert_eq!(steps.len(), 1);
        assert_eq!(apply(&batches, &steps)[&id(1)], 0);
    }

    prop_compose! {
        /// Up to six batches; later movements never brought one below zero.
        fn a_bed()(batches in prop::collection::vec((0i64..5000, 0i64..5000), 0..6)) -> Vec<Standing> {
            batches.into_iter().zip(1u128..).map(|((then, now), n)| standing(n, then, now)).collect()
        }
    }

    proptest! {
        #[test]
        fn no_batch_is_ever_below_zero(bed in a_bed(), target in 1u128..8, count in 0i64..10_000) {
            apply(&bed, &replace(&bed, id(target), count));
        }

        #[test]
        fn plants_are_conserved(bed in a_bed(), target in 1u128..8, count in 0i64..10_000) {
            let steps = replace(&bed, id(target), count);

            let after: i64 = apply(&bed, &steps).values().sum();
            let before: i64 = bed.iter().map(|batch| batch.now.get()).sum();
            let moved: i64 = steps.iter().map(|step| step.change.get()).sum();
            prop_assert_eq!(after, before + moved);
        }

        #[test]
        fn the_bed_holds_the_count_and_what_moved_later(bed in a_bed(), target in 1u128..8, count in 0i64..10_000) {
            let steps = replace(&bed, id(target), count);

            let after: i64 = apply(&bed, &steps).values().sum();
            let later: i64 = bed.iter().map(|batch| batch.now.get() - batch.then).sum();
            let missing: i64 = steps.iter().filter(|step| step.batch == id(target)).map(|step| match step.what {
                What::Replaced { missing, .. } => missing,
                What::Counted => 0,
            }).sum();
            let limited = missing > 0 || count + later < 0 || count == 0;
            prop_assert!(after == count + later || (limited && after > count + later));
        }

        #[test]
        fn without_later_movements_the_bed_holds_exactly_the_count(
            plants in prop::collection::vec(0i64..5000, 0..6), target in 1u128..8, count in 0i64..10_000,
        ) {
            let bed: Vec<_> = plants.into_iter().zip(1u128..).map(|(n, key)| standing(key, n, n)).collect();

            let after: i64 = apply(&bed, &replace(&bed, id(target), count)).values().sum();

            prop_assert_eq!(after, count);
        }

        #[test]
        fn counting_again_at_the_same_instant_changes_nothing(bed in a_bed(), target in 1u128..8, count in 1i64..10_000) {
            let quiet: Vec<_> = bed.iter().map(|batch| Standing { now: plants(batch.then), ..*batch }).collect();
            let once = apply(&quiet, &replace(&quiet, id(target), count));
            let again: Vec<_> = once.iter().map(|(batch, n)| Standing { batch: *batch, then: *n, now: plants(*n) }).collect();

            prop_assert_eq!(apply(&again, &replace(&again, id(target), count)), once);
        }

        #[test]
        fn the_order_of_the_batches_does_not_matter(bed in a_bed(), target in 1u128..8, count in 0i64..10_000) {
            let mut reversed = bed.clone();
            reversed.reverse();

            prop_assert_eq!(
                apply(&bed, &replace(&bed, id(target), count)),
                apply(&reversed, &replace(&reversed, id(target), count))
            );
        }
    }
}
