//! Looks at every window of a plan.

use demeter_yolo::{Error, Model, Options};
use image::RgbImage;

use super::pixels::{cut, halve};
use crate::domain::{Detection, Level, Parameters, Plan, Rect, Sighting, Window};

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
) -> Result<Vec<Vec<Sighting>>, Error> {
    let mut levels = Vec::with_capacity(plan.levels.len());
    let mut smaller: Option<RgbImage> = None;
    let mut halvings = 0;
    for level in &plan.levels {
        while halvings < level.halvings {
            smaller = Some(halve(smaller.as_ref().unwrap_or(photo)));
            halvings += 1;
        }
        let pixels = smaller.as_ref().unwrap_or(photo);
        let mut seen = Vec::new();
        for windows in level.windows.chunks(BATCH * rayon::current_num_threads()) {
            if left() {
                return Ok(levels);
            }
            let tiles: Vec<RgbImage> = windows.iter().map(|window| cut(pixels, window)).collect();
            let found = model.detect(&tiles, &options(parameters))?;
            for (window, found) in windows.iter().zip(found) {
                seen.extend(found.iter().map(|found| place(found, level, window, plan)));
            }
        }
        levels.push(seen);
    }
    Ok(levels)
}

fn options(parameters: &Parameters) -> Options {
    Options {
        input_size: parameters.tile_size(),
        min_confidence: parameters.min_confidence(),
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
