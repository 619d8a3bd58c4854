//! Which windows are searched, and that none is skipped that may hold a plant.

use proptest::prelude::*;

use super::{Detail, Exploration, FAINT, Looked, SMALL, STRUCTURE, SURE, UNSURE_SMALL};
use crate::domain::{
    Detection, Level, Parameters, Plan, Rect, Search, Sighting, Size, Window, combine,
};

/// Levels of 48, 12, 4 and 1 windows.
const PHOTO: Size = Size {
    width: 4000,
    height: 3000,
};

fn plant(x: f32, y: f32, side: f32, confidence: f32) -> Sighting {
    let rect = Rect {
        x_min: x,
        y_min: y,
        x_max: x + side,
        y_max: y + side,
    };
    let detection = Detection {
        rect,
        confidence,
        class: 0,
    };
    Sighting {
        detection,
        cut: false,
    }
}

/// As much structure everywhere.
fn everywhere(level: &Level, structure: f32) -> Detail {
    let columns = level.size.width.div_ceil(Detail::CELL);
    let cells = columns * level.size.height.div_ceil(Detail::CELL);
    Detail::new(columns, vec![structure; cells as usize])
}

/// A model that sees each of these plants in every window that has all of it, where it
/// is 4 to 400 pixels large: as sure as it is given, but faintly below 16.
fn look(plants: &[Sighting], level: &Level, windows: &[Window]) -> Vec<Sighting> {
    let mut seen = Vec::new();
    for window in windows {
        let frame = level.frame(window);
        for plant in plants {
            let side = plant.detection.rect.longer() / level.scale();
            if (4.0..400.0).contains(&side) && frame.contains(&plant.detection.rect) {
                let mut sighting = *plant;
                if side < 16.0 {
                    sighting.detection.confidence = 2.0 * FAINT;
                }
                seen.push(sighting);
            }
        }
    }
    seen
}

/// Windows that were looked at in each level, coarsest first, and what came of it.
fn explore(
    plan: &Plan,
    parameters: &Parameters,
    plants: &[Sighting],
    structure: f32,
) -> (Vec<Vec<Window>>, Looked) {
    let mut exploration = Exploration::of(plan, parameters);
    let mut windows = Vec::new();
    while let Some(level) = exploration.level() {
        let next = exploration.windows(|| everywhere(level, structure));
        exploration.saw(next.len(), look(plants, level, &next));
        windows.push(next);
    }
    (windows, exploration.finish())
}

fn counts(plants: &[Sighting], structure: f32) -> Vec<usize> {
    let parameters = Parameters::default();
    let plan = Plan::of(PHOTO, &parameters);
    let (windows, looked) = explore(&plan, &parameters, plants, structure);
    let counts: Vec<usize> = windows.iter().map(Vec::len).collect();
    assert_eq!(looked.window_count, counts.iter().sum::<usize>());
    counts
}

#[test]
fn bare_smooth_ground_is_looked_at_once() {
    assert_eq!(counts(&[], 0.0), [1, 0, 0, 0]);
}

#[test]
fn structure_is_looked_at_in_every_level_but_the_finest() {
    assert_eq!(counts(&[], STRUCTURE), [1, 4, 12, 0]);
}

#[test]
fn a_large_plant_is_not_looked_at_again() {
    // 100 pixels where the photo is seen whole.
    assert_eq!(
        counts(&[plant(1000.0, 1000.0, 800.0, 0.9)], 0.0),
        [1, 0, 0, 0]
    );
    // Where it is not sure, it is looked at no closer: it would be larger still.
    assert_eq!(
        counts(&[plant(1000.0, 1000.0, 800.0, 0.3)], 0.0),
        [1, 0, 0, 0]
    );
}

#[test]
fn a_small_plant_is_looked_at_until_it_is_large() {
    // 25 pixels in the whole photo, 50 in the next level. In the middle of a window.
    let counts = counts(&[plant(100.0, 100.0, 200.0, 0.9)], 0.0);

    assert_eq!(counts, [1, 1, 0, 0]);
}

#[test]
fn what_is_not_sure_is_looked_at_a_little_longer() {
    // Between the two limits where the photo is seen whole.
    let side = 8.0 * f32::midpoint(SMALL, UNSURE_SMALL);

    assert_eq!(
        counts(&[plant(100.0, 100.0, side, SURE)], 0.0),
        [1, 0, 0, 0]
    );
    assert_eq!(counts(&[plant(100.0, 100.0, side, 0.3)], 0.0), [1, 1, 0, 0]);
}

#[test]
fn a_faint_trace_leads_to_the_finest_level() {
    // 5 pixels in the whole photo, 40 in the finest level.
    let counts = counts(&[plant(100.0, 100.0, 40.0, 0.9)], 0.0);

    assert_eq!(counts, [1, 1, 1, 1]);
}

#[test]
fn parts_of_a_sure_plant_ask_for_nothing() {
    let whole = plant(1000.0, 1000.0, 800.0, 0.9);
    let flower = plant(1200.0, 1200.0, 100.0, 0.4);

    assert_eq!(counts(&[whole, flower], 0.0), [1, 0, 0, 0]);
    assert_eq!(counts(&[flower], 0.0)[1], 2, "alone it does");
}

#[test]
fn structure_within_a_sure_plant_asks_for_nothing() {
    let parameters = Parameters::default();
    let plan = Plan::of(PHOTO, &parameters);
    let mut exploration = Exploration::of(&plan, &parameters);
    exploration.saw(1, vec![plant(0.0, 0.0, 3000.0, 0.9)]);
    let level = exploration.level().unwrap();
    // Structure only in the cell at 400 of the level, which is 1600 of the photo.
    let mut cells = vec![0.0; 63 * 47];
    cells[25 * 63 + 25] = STRUCTURE;

    let covered = exploration.windows(|| Detail::new(63, cells.clone()));
    exploration.seen[0][0].detection.confidence = 0.3;
    let open = exploration.windows(|| Detail::new(63, cells));

    assert_eq!(level.size.width, 1000);
    assert!(covered.is_empty());
    assert!(!open.is_empty());
}

#[test]
fn what_is_too_faint_for_the_caller_is_not_handed_on() {
    let parameters = Parameters::default().with_min_confidence(0.5).unwrap();
    let plan = Plan::of(PHOTO, &parameters);
    let plants = [
        plant(100.0, 100.0, 200.0, 0.4),
        plant(900.0, 100.0, 200.0, 0.6),
    ];

    let (_, looked) = explore(&plan, &parameters, &plants, 0.0);

    let seen: Vec<&Sighting> = looked.levels.iter().flatten().collect();
    assert!(!seen.is_empty());
    assert!(seen.iter().all(|seen| seen.detection.confidence >= 0.5));
}

#[test]
fn whoever_leaves_early_has_every_level() {
    let parameters = Parameters::default();
    let plan = Plan::of(PHOTO, &parameters);
    let mut exploration = Exploration::of(&plan, &parameters);
    exploration.saw(1, vec![plant(0.0, 0.0, 800.0, 0.9)]);

    let looked = exploration.finish();

    assert_eq!(looked.levels.len(), plan.levels.len());
    assert_eq!(looked.levels.last().map(Vec::len), Some(1));
    assert_eq!(looked.window_count, 1);
}

/// Plants in places of 100 pixels, none over another.
fn plants() -> impl Strategy<Value = Vec<Sighting>> {
    let places = prop::collection::btree_set((0u8..40, 0u8..30), 0..30);
    let looks = prop::collection::vec((8f32..90.0, 0.3f32..1.0), 30);
    (places, looks).prop_map(|(places, looks)| {
        let plants = places.into_iter().zip(looks);
        let plants = plants.map(|((column, row), (side, confidence))| {
            let [x, y] = [column, row].map(|place| 100.0 * f32::from(place) + 3.0);
            plant(x, y, side, confidence)
        });
        plants.collect()
    })
}

proptest! {
    #[test]
    fn an_exhaustive_search_looks_at_every_window(plants in plants()) {
        let parameters = Parameters::default().with_search(Search::Exhaustive);
        let plan = Plan::of(PHOTO, &parameters);
        let (windows, looked) = explore(&plan, &parameters, &plants, 0.0);
        let planned = plan.levels.iter().rev().map(|level| level.windows.clone());
        prop_assert_eq!(windows, planned.collect::<Vec<_>>());
        prop_assert_eq!(looked.window_count, plan.window_count());
    }

    #[test]
    fn every_window_with_something_small_is_looked_at(plants in plants()) {
        let parameters = Parameters::default();
        let plan = Plan::of(PHOTO, &parameters);
        let mut exploration = Exploration::of(&plan, &parameters);
        let mut before: Option<(&Level, Vec<Sighting>)> = None;
        while let Some(level) = exploration.level() {
            let windows = exploration.windows(Detail::default);
            if let Some((coarser, seen)) = before {
                let small = seen.iter().filter(|seen| {
                    let side = seen.detection.rect.longer() / coarser.scale();
                    seen.detection.confidence >= FAINT && side < SMALL
                });
                for trace in small {
                    let holding = level.windows.iter().filter(|window| {
                        level.frame(window).contains(&trace.detection.rect)
                    });
                    for window in holding {
                        prop_assert!(windows.contains(window));
                    }
                }
            }
            let seen = look(&plants, level, &windows);
            exploration.saw(windows.len(), seen.clone());
            before = Some((level, seen));
        }
    }

    /// The plants leave a trace in every level down to 4 pixels, and 8 in the finest.
    #[test]
    fn what_leaves_a_trace_is_counted_as_by_an_exhaustive_search(plants in plants()) {
        let adaptive = Parameters::default();
        let exhaustive = adaptive.with_search(Search::Exhaustive);
        let plan = Plan::of(PHOTO, &adaptive);
        let (_, some) = explore(&plan, &adaptive, &plants, STRUCTURE);
        let (_, all) = explore(&plan, &exhaustive, &plants, STRUCTURE);
        let count = |looked: Looked| combine(looked.levels, 0.5).len();
        prop_assert!(some.window_count <= all.window_count);
        prop_assert_eq!(count(some), count(all));
    }
}
