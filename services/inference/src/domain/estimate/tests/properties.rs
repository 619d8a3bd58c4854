//! What holds of every calibration and every photo.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::curve::Curve;
use super::super::interval::Spread;
use super::super::surroundings::Surroundings;
use super::{Quantiles, World, found, learned};
use crate::domain::estimate::{count, looking};
use crate::domain::geometry::tests::rect;
use crate::domain::{Detection, Parameters, Sighting, combine};

fn boxes() -> impl Strategy<Value = Vec<Detection>> {
    let one = (
        0f32..900.0,
        0f32..900.0,
        1f32..300.0,
        1f32..300.0,
        0.05f32..1.0,
    );
    vec(
        one.prop_map(|(x, y, width, height, score)| found(rect(x, y, width, height), score)),
        0..60,
    )
}

fn sightings() -> impl Strategy<Value = Vec<Vec<Sighting>>> {
    let level = (boxes(), any::<u64>()).prop_map(|(boxes, cut)| {
        let seen = boxes.into_iter().enumerate();
        let seen = seen.map(|(index, detection)| Sighting {
            detection,
            cut: cut >> (index % 64) & 1 == 1,
        });
        seen.collect()
    });
    vec(level, 1..4)
}

fn scores() -> impl Strategy<Value = Vec<(f32, bool)>> {
    vec((0.05f32..1.0, any::<bool>()), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_surer_box_is_never_less_of_a_plant(samples in scores(), a in 0f32..1.0, b in 0f32..1.0) {
        let curve = Curve::fit(samples);
        let (less, more) = (curve.at(a.min(b)), curve.at(a.max(b)));
        prop_assert!(less <= more + 1e-12);
        prop_assert!((0.0..=1.0).contains(&less) && (0.0..=1.0).contains(&more));
        let read = Curve::new(curve.points().to_vec());
        prop_assert_eq!(read.as_ref(), Ok(&curve));
    }

    #[test]
    fn the_bounds_are_in_order_and_the_number_is_bounded(
        boxes in boxes(), low in -5f64..5.0, wide in 0f64..5.0, share in 0f64..0.5,
    ) {
        let mut calibration = learned(&World::USUAL, 30);
        calibration.quantiles = Some(Quantiles::new(low, low + wide).unwrap());
        calibration.spread = Spread { share }.checked().unwrap();
        let said = calibration.estimate(&boxes, boxes.len());
        let range = said.range.unwrap();
        prop_assert!(range.low <= said.plants && said.plants <= range.high);
        // No factor of a table is above 5.
        prop_assert!(said.plants <= 5 * boxes.len());
    }

    #[test]
    fn a_calibration_changes_no_box(levels in sightings(), least in 0.06f32..0.9) {
        let calibration = learned(&World::USUAL, 30);
        let usual = Parameters::default();
        let parameters = usual.with_min_confidence(least).unwrap();
        let (with, said) = count(levels.clone(), &parameters, Some(&calibration));
        let (without, plain) = count(levels.clone(), &parameters, None);
        prop_assert_eq!(&with, &without);
        prop_assert_eq!((plain.plants, plain.boxes, plain.range), (without.len(), without.len(), None));
        // Nor does what is shown change the number of plants.
        let (_, usual) = count(levels, &usual, Some(&calibration));
        prop_assert_eq!((said.plants, said.range), (usual.plants, usual.range));
    }

    #[test]
    fn candidates_are_the_sure_boxes_and_what_lies_on_none_of_them(levels in sightings()) {
        let calibration = learned(&World::USUAL, 30);
        let candidates = calibration.search().candidates(&levels);
        let sure = combine(
            levels
                .into_iter()
                .map(|mut level| {
                    level.retain(|seen| seen.detection.confidence >= 0.25);
                    level
                })
                .collect(),
            0.5,
        );
        prop_assert_eq!(&candidates[..sure.len()], &sure[..]);
        for faint in &candidates[sure.len()..] {
            prop_assert!(faint.confidence < 0.25);
            prop_assert!(sure.iter().all(|sure| sure.rect.overlap(&faint.rect) < 0.5));
        }
    }

    #[test]
    fn crowding_is_what_it_is_box_by_box(boxes in boxes()) {
        let chances = vec![0.25; boxes.len()];
        let surroundings = Surroundings::of(&boxes, &chances);
        for (index, asked) in boxes.iter().enumerate() {
            let reach = 1.5 * asked.rect.side();
            let (x, y) = asked.rect.centre();
            let near = boxes.iter().enumerate().filter(|(other, found)| {
                let (other_x, other_y) = found.rect.centre();
                let (x, y) = (other_x - x, other_y - y);
                *other != index && x * x + y * y <= reach * reach
            });
            // Sums of quarters are exact.
            let expected = near.map(|_| 0.25).sum::<f64>().min(16.0);
            let crowding = surroundings.crowding(&asked.rect, Some(index));
            prop_assert!((crowding - expected).abs() < 1e-9);
        }
    }
}

#[test]
fn a_search_looks_for_faint_boxes_only_where_they_count() {
    let calibration = learned(&World::USUAL, 30);
    let usual = Parameters::default();

    assert!((looking(usual, Some(&calibration)).min_confidence() - 0.05).abs() < 1e-6);
    assert_eq!(looking(usual, None), usual);
    let other = usual.with_tile_size(320).unwrap();
    assert_eq!(looking(other, Some(&calibration)), other);
}

#[test]
fn another_search_than_the_calibrated_one_gives_boxes_without_an_interval() {
    let calibration = learned(&World::USUAL, 100);
    let seen = vec![vec![Sighting {
        detection: found(rect(5.0, 5.0, 40.0, 40.0), 0.3),
        cut: false,
    }]];
    let usual = Parameters::default();
    let others = [
        usual.with_tile_size(320).unwrap(),
        usual.with_tile_overlap(0.5).unwrap(),
        usual.with_merge_threshold(0.7).unwrap(),
    ];

    for other in others {
        let (_, said) = count(seen.clone(), &other, Some(&calibration));
        assert_eq!((said.plants, said.range), (1, None), "{other:?}");
    }
    let (_, said) = count(seen, &usual, Some(&calibration));
    assert!(said.range.is_some());
}
