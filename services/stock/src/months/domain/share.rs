//! Shares out plants in proportion, where none can take more than it has.

use crate::ledger::domain::share::split;

/// Shares of at most `plants` in proportion to `weights`, none above its limit: what
/// one cannot take goes to the others. What nobody can take is left over. No number
/// is below zero.
pub fn share_out(plants: i64, weights: &[i64], limits: &[i64]) -> Vec<i64> {
    let mut shares = vec![0; limits.len()];
    let mut left = plants.min(limits.iter().sum());
    let mut weights = weights.to_vec();
    while left > 0 {
        let room: Vec<i64> = limits.iter().zip(&shares).map(|(l, s)| l - s).collect();
        let can = |weight: &i64, room: &i64| if *room > 0 { *weight } else { 0 };
        let mut open: Vec<i64> = weights.iter().zip(&room).map(|(w, r)| can(w, r)).collect();
        if open.iter().sum::<i64>() == 0 {
            open.clone_from(&room);
            weights.clone_from(&room);
        }
        for (place, share) in split(left, &open).into_iter().enumerate() {
            let taken = share.min(room[place]);
            shares[place] += taken;
            left -= taken;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::share_out;
    use proptest::prelude::*;

    #[test]
    fn what_one_cannot_take_goes_to_the_others() {
        assert_eq!(share_out(10, &[1, 1], &[3, 20]), [3, 7]);
        assert_eq!(share_out(10, &[0, 0], &[6, 6]), [5, 5]);
        assert_eq!(share_out(10, &[1, 0], &[4, 3]), [4, 3]);
        assert_eq!(share_out(0, &[1], &[4]), [0]);
    }

    proptest! {
        #[test]
        fn as_much_is_shared_as_fits_and_no_share_is_above_its_limit(
            plants in 0i64..10_000, of in prop::collection::vec((0i64..500, 0i64..2_000), 1..8),
        ) {
            let (weights, limits): (Vec<i64>, Vec<i64>) = of.into_iter().unzip();

            let shares = share_out(plants, &weights, &limits);

            prop_assert_eq!(shares.iter().sum::<i64>(), plants.min(limits.iter().sum()));
            for (share, limit) in shares.iter().zip(&limits) {
                prop_assert!((0..=*limit).contains(share));
            }
        }
    }
}
