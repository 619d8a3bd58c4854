//! Which batches give plants when a bed and a kind are named: the longest planted first.

use chrono::NaiveDate;

use crate::ids::BatchId;

/// Plants of a batch that may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Available {
    /// The batch; keys rise with time.
    pub batch: BatchId,
    /// When it was planted, when known.
    pub planted: Option<NaiveDate>,
    /// Its plants.
    pub plants: i64,
}

/// What each batch gives of so many plants, and how many are missing. Those whose
/// planting day nobody knows come last; of one day the one that was recorded first.
/// What gives nothing is not told.
pub fn oldest_first(mut available: Vec<Available>, wanted: i64) -> (Vec<(BatchId, i64)>, i64) {
    available.sort_by_key(|one| (one.planted.is_none(), one.planted, one.batch));
    let mut missing = wanted;
    let mut given = Vec::new();
    for Available { batch, plants, .. } in available {
        let takes = missing.min(plants.max(0));
        if takes > 0 {
            given.push((batch, takes));
            missing -= takes;
        }
    }
    (given, missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn a_batch(number: u128, day: Option<u32>, plants: i64) -> Available {
        Available {
            batch: BatchId(Uuid::from_u128(number)),
            planted: day.and_then(|day| NaiveDate::from_ymd_opt(2026, 10, day)),
            plants,
        }
    }

    fn given(available: Vec<Available>, wanted: i64) -> (Vec<(u128, i64)>, i64) {
        let (given, missing) = oldest_first(available, wanted);
        let told = given
            .into_iter()
            .map(|(id, plants)| (id.0.as_u128(), plants));
        (told.collect(), missing)
    }

    #[test]
    fn the_longest_planted_give_first_and_unknown_days_come_last() {
        let bed = vec![
            a_batch(1, None, 10),
            a_batch(2, Some(9), 10),
            a_batch(3, Some(2), 10),
            a_batch(4, Some(2), 0),
        ];

        assert_eq!(given(bed.clone(), 15), (vec![(3, 10), (2, 5)], 0));
        assert_eq!(given(bed, 33), (vec![(3, 10), (2, 10), (1, 10)], 3));
    }

    proptest! {
        #[test]
        fn no_batch_gives_more_than_it_has_and_nothing_is_missing_while_some_has_plants(
            plants in prop::collection::vec(0i64..50, 0..6), wanted in 0i64..200,
        ) {
            let bed = (0..).zip(&plants).map(|(n, plants)| a_batch(n, None, *plants)).collect();

            let (given, missing) = given(bed, wanted);

            let taken: i64 = given.iter().map(|(_, plants)| plants).sum();
            prop_assert_eq!(taken + missing, wanted);
            prop_assert_eq!(taken, wanted.min(plants.iter().sum()));
            for (n, takes) in given {
                prop_assert!(takes > 0 && takes <= plants[usize::try_from(n).unwrap()]);
            }
        }
    }
}
