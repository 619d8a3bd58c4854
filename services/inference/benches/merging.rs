//! Times the merging of a crowd: what perfect sight would report, tile by tile, of a
//! photo of many small plants that touch.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(
    dead_code,
    reason = "it takes what it times out of the service's insides"
)]
#![expect(unused_imports, reason = "as above")]
#![expect(unreachable_pub, reason = "as above")]

#[path = "../src/domain/mod.rs"]
mod domain;

use tokio::time::Instant;

use domain::{Detection, Parameters, Plan, Rect, Sighting, Size, combine};

/// Sightings of the largest crowd: of about 20,000 plants.
const SIGHTINGS: usize = 33_337;
/// Between the centres of two plants, in pixels.
const SPACING: u16 = 25;
/// Plants along each side of the photo.
const PLANTS: u16 = 150;
const ROUNDS: usize = 300;

fn main() {
    let photo = Size {
        width: u32::from(SPACING * PLANTS),
        height: u32::from(SPACING * PLANTS),
    };
    let parameters = Parameters::default();
    let plan = Plan::of(photo, &parameters);
    let seen = levels(&crowd(), &plan);

    let mut finest = seen[0].clone();
    finest.truncate(SIGHTINGS);
    time("finest level", &[finest], &parameters);
    time("all levels", &seen, &parameters);
}

/// Prints how long `combine` takes.
fn time(what: &str, levels: &[Vec<Sighting>], parameters: &Parameters) {
    let boxes: usize = levels.iter().map(Vec::len).sum();
    let mut kept = 0;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let levels = levels.to_vec();
        let began = Instant::now();
        kept = combine(levels, parameters.merge_threshold()).len();
        times.push(began.elapsed());
    }
    times.sort();
    let at = |percent: usize| times[(ROUNDS - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!(
        "merge {boxes} boxes ({what}) into {kept}: min {:.2} ms, median {:.2} ms, p95 {:.2} ms",
        at(0),
        at(50),
        at(95),
    );
}

/// Plants that touch, none quite in its place, the same every time.
fn crowd() -> Vec<Rect> {
    let mut dice = Dice(1);
    let places = (0..PLANTS).flat_map(|row| (0..PLANTS).map(move |column| (row, column)));
    let plants = places.map(|(row, column)| {
        let mut centre = |index| f32::from(index * SPACING) + 12.0 + dice.between(-4.0, 4.0);
        let (x, y) = (centre(column), centre(row));
        let (width, height) = (dice.between(18.0, 32.0), dice.between(18.0, 32.0));
        Rect {
            x_min: x - width / 2.0,
            y_min: y - height / 2.0,
            x_max: x + width / 2.0,
            y_max: y + height / 2.0,
        }
    });
    plants.collect()
}

/// What each window shows of the plants, not quite at the same place in any two.
fn levels(plants: &[Rect], plan: &Plan) -> Vec<Vec<Sighting>> {
    let mut dice = Dice(2);
    let mut seen = Vec::new();
    for level in &plan.levels {
        let scale = 0.5_f32.powi(i32::try_from(level.halvings).unwrap_or(0));
        let mut sightings = Vec::new();
        for window in &level.windows {
            let frame = window.size.rect();
            let (x, y) = (pixels(window.x), pixels(window.y));
            for plant in plants {
                let whole = plant.placed(scale, (-x, -y));
                let part = whole.clipped(&frame);
                // A plant of two pixels is seen by nobody.
                if part.area() <= 0.1 * whole.area() || whole.area() < 30.0 {
                    continue;
                }
                let shift = (dice.between(-1.0, 1.0), dice.between(-1.0, 1.0));
                let part = part.placed(1.0, shift).clipped(&frame);
                let (rect, cut) = level.place(window, &part, plan.photo);
                let detection = Detection {
                    rect,
                    confidence: dice.between(0.25, 0.95),
                    class: 0,
                };
                sightings.push(Sighting { detection, cut });
            }
        }
        seen.push(sightings);
    }
    seen
}

#[expect(clippy::cast_precision_loss, reason = "pixels of a photo")]
fn pixels(length: u32) -> f32 {
    length as f32
}

/// Numbers that look like chance.
struct Dice(u32);

impl Dice {
    fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [.., upper, lower] = (self.0 >> 8).to_be_bytes();
        low + (high - low) * f32::from(u16::from_be_bytes([upper, lower])) / 65_536.0
    }
}
