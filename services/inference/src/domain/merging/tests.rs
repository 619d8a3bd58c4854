//! Laws of merging, and real crowds.

use demeter_testkit::shared_file;
use proptest::prelude::*;

use super::{combine, merge};
use crate::domain::geometry::tests::rect;
use crate::domain::{Detection, Parameters, Plan, Rect, Sighting, Size};

fn seen(rect: Rect, confidence: f32) -> Sighting {
    Sighting {
        detection: Detection {
            rect,
            confidence,
            class: 0,
        },
        cut: false,
    }
}

fn cut(rect: Rect, confidence: f32) -> Sighting {
    Sighting {
        cut: true,
        ..seen(rect, confidence)
    }
}

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let place = (0f32..200.0, 0f32..200.0, 1f32..60.0, 1f32..60.0);
    (place, 0u8..20, 0usize..2, any::<bool>()).prop_map(|(place, confidence, class, cut)| {
        let (x, y, width, height) = place;
        let confidence = f32::from(confidence) / 20.0;
        Sighting {
            detection: Detection {
                rect: rect(x, y, width, height),
                confidence,
                class,
            },
            cut,
        }
    })
}

fn rank(a: &Sighting, b: &Sighting) -> std::cmp::Ordering {
    let (sure, unsure) = (&a.detection, &b.detection);
    a.cut
        .cmp(&b.cut)
        .then(unsure.confidence.total_cmp(&sure.confidence))
        .then_with(|| super::by_place(a, b))
}

fn same(a: &Sighting, b: &Sighting, threshold: f32) -> bool {
    let (a, b) = (&a.detection, &b.detection);
    a.class == b.class && a.rect.overlap(&b.rect) >= threshold
}

fn naive(mut sightings: Vec<Sighting>, threshold: f32) -> Vec<Sighting> {
    sightings.sort_by(rank);
    let mut kept: Vec<Sighting> = Vec::new();
    for sighting in sightings {
        if !kept.iter().any(|other| same(other, &sighting, threshold)) {
            kept.push(sighting);
        }
    }
    kept
}

#[test]
fn a_plant_cut_by_a_border_is_one_plant() {
    let whole = seen(rect(600.0, 100.0, 60.0, 60.0), 0.6);
    let part = cut(rect(600.0, 100.0, 40.0, 60.0), 0.9);

    assert_eq!(merge(vec![part, whole], 0.5), [whole]);
}

#[test]
fn things_of_different_classes_are_never_one() {
    let rider = seen(rect(10.0, 0.0, 40.0, 80.0), 0.9);
    let mut bicycle = seen(rect(0.0, 40.0, 60.0, 40.0), 0.8);
    bicycle.detection.class = 1;

    assert_eq!(merge(vec![rider, bicycle], 0.5).len(), 2);
}

#[test]
fn a_large_plant_replaces_the_parts_that_tiles_saw() {
    let parts = vec![
        cut(rect(100.0, 100.0, 540.0, 300.0), 0.9),
        cut(rect(480.0, 100.0, 400.0, 300.0), 0.8),
        seen(rect(200.0, 150.0, 80.0, 60.0), 0.4),
    ];
    let whole = seen(rect(100.0, 100.0, 780.0, 300.0), 0.7);

    assert_eq!(combine(vec![parts, vec![whole]], 0.5), [whole.detection]);
}

#[test]
fn a_blur_of_several_plants_is_not_one_more() {
    let plants: Vec<_> = (0..4_u8)
        .map(|index| seen(rect(f32::from(index) * 30.0, 0.0, 28.0, 28.0), 0.5))
        .collect();
    let blur = seen(rect(0.0, 0.0, 118.0, 28.0), 0.8);

    assert_eq!(combine(vec![plants, vec![blur]], 0.5).len(), 4);
}

#[test]
fn what_only_the_coarse_level_sees_is_added() {
    let near = seen(rect(0.0, 0.0, 20.0, 20.0), 0.5);
    let far = seen(rect(300.0, 300.0, 200.0, 200.0), 0.5);

    assert_eq!(combine(vec![vec![near], vec![far]], 0.5).len(), 2);
    assert_eq!(combine(vec![Vec::new(), vec![far]], 0.5), [far.detection]);
}

#[test]
fn boxes_that_are_no_boxes_are_dropped() {
    let broken = [
        rect(f32::NAN, 0.0, 5.0, 5.0),
        rect(5.0, 5.0, 0.0, 5.0),
        rect(5.0, 5.0, -9.0, 5.0),
    ];

    assert_eq!(merge(broken.map(|rect| seen(rect, 0.5)).to_vec(), 0.5), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn merging_keeps_what_the_plain_definition_keeps(
        sightings in prop::collection::vec(any_sighting(), 0..60), threshold in 0.2f32..0.9,
    ) {
        prop_assert_eq!(merge(sightings.clone(), threshold), naive(sightings, threshold));
    }

    #[test]
    fn merging_is_idempotent_and_blind_to_order(
        sightings in prop::collection::vec(any_sighting(), 0..60),
    ) {
        let once = merge(sightings.clone(), 0.5);
        let mut backwards = sightings;
        backwards.reverse();

        prop_assert_eq!(merge(once.clone(), 0.5), once.clone());
        prop_assert_eq!(merge(backwards, 0.5), once);
    }

    #[test]
    fn no_two_of_a_count_are_one_plant(
        fine in prop::collection::vec(any_sighting(), 0..40),
        coarse in prop::collection::vec(any_sighting(), 0..40),
    ) {
        let counted = combine(vec![fine, coarse], 0.5);
        for (index, a) in counted.iter().enumerate() {
            for b in &counted[index + 1..] {
                prop_assert!(a.class != b.class || a.rect.overlap(&b.rect) < 0.5);
            }
        }
    }
}

/// The true boxes of an annotated photo.
fn annotated(xml: &str) -> Vec<Rect> {
    let values = |tag: &str| -> Vec<f32> {
        let open = format!("<{tag}>");
        let texts = xml.split(open.as_str()).skip(1);
        texts
            .map(|text| text[..text.find('<').unwrap()].trim().parse().unwrap())
            .collect()
    };
    let (left, top) = (values("xmin"), values("ymin"));
    let (right, bottom) = (values("xmax"), values("ymax"));
    let made = (0..left.len()).map(|index| Rect {
        x_min: left[index],
        y_min: top[index],
        x_max: right[index],
        y_max: bottom[index],
    });
    made.collect()
}

/// What a perfect detector would report, tile by tile.
fn tiled(truth: &[Rect], plan: &Plan) -> Vec<Sighting> {
    let level = &plan.levels[0];
    let mut sightings = Vec::new();
    for window in &level.windows {
        let frame = window.size.rect();
        let (x, y) = (f64::from(window.x), f64::from(window.y));
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a photo")]
        let (x, y) = (x as f32, y as f32);
        for whole in truth {
            let part = whole.placed(1.0, (-x, -y)).clipped(&frame);
            let share = part.area() / whole.area();
            if share > 0.1 {
                let (rect, cut) = level.place(window, &part, plan.photo);
                sightings.push(Sighting {
                    cut,
                    ..seen(rect, 0.9 * share)
                });
            }
        }
    }
    sightings
}

#[test]
fn crowds_cut_into_tiles_are_counted_within_a_thousandth() {
    let Some(folder) = shared_file("photos/dense") else {
        return;
    };
    let parameters = Parameters::default().with_tile_overlap(0.2).unwrap();
    let (mut truth_count, mut counted) = (0usize, 0usize);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        let truth = annotated(&std::fs::read_to_string(&path).unwrap());
        let photo = Size {
            width: 2900,
            height: 2900,
        };
        let plan = Plan::of(photo, &parameters);

        let count = merge(tiled(&truth, &plan), parameters.merge_threshold()).len();

        truth_count += truth.len();
        counted += count;
    }
    assert!(truth_count > 5000);
    let off = counted.abs_diff(truth_count);
    assert!(
        off * 1000 <= truth_count,
        "{counted} instead of {truth_count}"
    );
}
