//! Looks at a plan: the coarsest level first, and then where it asks for more.

use demeter_yolo::{Error, Model, Options};
use image::RgbImage;

use super::pixels::{cut, detail, halve};
use crate::domain::{
    Detection, Exploration, Level, Looked, Parameters, Plan, Rect, Sighting, Window,
};

/// Tiles of each thread between two looks at whether the caller is still there.
const BATCH: usize = 4;
/// Boxes of one class in one tile that overlap more than this are one: what the
/// network itself repeats. Plants that touch must survive it.
const REPEATED: f32 = 0.7;
/// A tile of the densest bed seen has about 700 plants.
const MOST_IN_A_TILE: usize = 3000;

/// What the model sees in each level, finest first; stops early, with what it has,
/// once nobody `left` wants to know.
pub(crate) fn search(
    model: &Model,
    photo: &RgbImage,
    plan: &Plan,
    parameters: &Parameters,
    left: &dyn Fn() -> bool,
) -> Result<Looked, Error> {
    let pyramid = pyramid(photo, plan);
    let mut exploration = Exploration::of(plan, parameters);
    let options = options(parameters, exploration.floor());
    while let Some(level) = exploration.level() {
        let pixels = resolution(photo, &pyramid, level);
        let windows = exploration.windows(|| detail(pixels));
        let mut seen = Vec::new();
        for windows in windows.chunks(BATCH * rayon::current_num_threads()) {
            if left() {
                return Ok(exploration.finish());
            }
            let tiles: Vec<RgbImage> = windows.iter().map(|window| cut(pixels, window)).collect();
            let found = model.detect(&tiles, &options)?;
            for (window, found) in windows.iter().zip(found) {
                seen.extend(found.iter().map(|found| place(found, level, window, plan)));
            }
        }
        exploration.saw(windows.len(), seen);
    }
    Ok(exploration.finish())
}

/// The photo halved once, twice, … as often as the plan wants it.
fn pyramid(photo: &RgbImage, plan: &Plan) -> Vec<RgbImage> {
    let halvings = plan.levels.iter().map(|level| level.halvings).max();
    let mut halves: Vec<RgbImage> = Vec::new();
    for _ in 0..halvings.unwrap_or(0) {
        let half = halve(halves.last().unwrap_or(photo));
        halves.push(half);
    }
    halves
}

/// The pixels of a level.
fn resolution<'a>(photo: &'a RgbImage, halves: &'a [RgbImage], level: &Level) -> &'a RgbImage {
    let index = usize::try_from(level.halvings).ok();
    let half = index.and_then(|index| halves.get(index.checked_sub(1)?));
    half.unwrap_or(photo)
}

fn options(parameters: &Parameters, min_confidence: f32) -> Options {
    Options {
        input_size: parameters.tile_size(),
        min_confidence,
        iou: REPEATED,
        max_detections: MOST_IN_A_TILE,
    }
}

fn place(found: &demeter_yolo::Detection, level: &Level, window: &Window, plan: &Plan) -> Sighting {
    let rect = Rect {
        x_min: found.x_min,
        y_min: found.y_min,
        x_max: found.x_max,
        y_max: found.y_max,
    };
    let (rect, cut) = level.place(window, &rect, plan.photo);
    let detection = Detection {
        rect,
        confidence: found.confidence,
        class: found.class,
    };
    Sighting { detection, cut }
}
