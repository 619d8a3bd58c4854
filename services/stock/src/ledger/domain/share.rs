//! Splits plants in proportion.

/// Splits plants in proportion to weights, none of which is below zero and not all
/// of which are zero: the shares add up exactly. What is left over goes to the
/// largest remainders, of equal ones to the first.
pub fn split(plants: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let exact = |weight: &i64| i128::from(plants) * i128::from(*weight);
    let mut shares: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(weight) / whole.max(1)).unwrap_or(plants))
        .collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact(&weights[*at]) % whole.max(1)));
    let given: i64 = shares.iter().sum();
    let left = usize::try_from(plants - given).unwrap_or(0);
    for at in order.into_iter().take(left) {
        shares[at] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::split;
    use proptest::prelude::*;

    #[test]
    fn shares_follow_the_weights_and_the_largest_remainder_gets_the_rest() {
        assert_eq!(split(90, &[60, 40]), [54, 36]);
        assert_eq!(split(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(split(1, &[2, 3]), [0, 1]);
        assert_eq!(split(0, &[2, 3]), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_are_exact_and_never_off_by_a_whole_plant(
            plants in 0i64..1_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..8),
        ) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let whole: i64 = weights.iter().sum();

            let shares = split(plants, &weights);

            prop_assert_eq!(shares.iter().sum::<i64>(), plants);
            for (share, weight) in shares.iter().zip(&weights) {
                let off = i128::from(share * whole) - i128::from(plants) * i128::from(*weight);
                prop_assert!(off.abs() < i128::from(whole), "{share} of {plants} for {weight} of {whole}");
            }
        }
    }
}
