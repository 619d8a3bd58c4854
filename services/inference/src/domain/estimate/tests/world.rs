//! Invented photos: beds of plants, and a network that misses some and sees others
//! where there are none.

use crate::domain::estimate::{Photo, Search, matched};
use crate::domain::geometry::tests::rect;
use crate::domain::{Detection, Parameters, Rect};

/// How an invented network sees.
#[derive(Clone, Copy)]
pub(super) struct World {
    /// Chance that a plant of 40 pixels that stands alone is seen at all.
    pub(super) sight: f64,
    /// Mean number of false boxes of a photo.
    pub(super) phantoms: f64,
    /// What all scores of a photo share: light, blur.
    pub(super) mood: f64,
}

/// Numbers that look like chance and are the same for the same seed.
struct Dice(u64);

// === impl World ===

impl World {
    pub(super) const USUAL: Self = Self {
        sight: 0.96,
        phantoms: 2.0,
        mood: 0.08,
    };
    pub(super) const BLIND: Self = Self {
        sight: 0.7,
        phantoms: 1.0,
        mood: 0.05,
    };
    pub(super) const SEEING_THINGS: Self = Self {
        sight: 0.98,
        phantoms: 25.0,
        mood: 0.05,
    };

    /// The same photo for the same seed; one in eight shows no plants.
    pub(super) fn known_photo(&self, seed: u64) -> Photo {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66);
        let plants = bed(&mut dice);
        let mood = self.mood * dice.bell();
        let mut boxes: Vec<Detection> = Vec::new();
        for plant in &plants {
            let small = f64::from(plant.side() < 30.0);
            if dice.chance() < self.sight - 0.15 * small {
                let score = (0.75 - 0.25 * small + 0.2 * dice.bell() + mood).clamp(0.051, 0.99);
                boxes.push(seen(*plant, score));
            }
        }
        while dice.chance() < self.phantoms / (1.0 + self.phantoms) {
            let place = rect(
                dice.pixel(5000.0, 9000.0),
                dice.pixel(0.0, 900.0),
                35.0,
                35.0,
            );
            let score = (0.12 + 0.12 * dice.bell().abs() + mood / 2.0).clamp(0.051, 0.99);
            boxes.push(seen(place, score));
        }
        let example = matched(boxes, &plants, &[]);
        let boxes = Search::of(&Parameters::default()).boxes(&example.candidates);
        Photo {
            example,
            boxes,
            fold: usize::try_from(seed % 10).unwrap(),
        }
    }
}

/// Rows of plants of about one size, or bare ground.
fn bed(dice: &mut Dice) -> Vec<Rect> {
    if dice.chance() < 0.125 {
        return Vec::new();
    }
    let side = dice.pixel(18.0, 70.0);
    let pitch = side * dice.pixel(1.05, 2.2);
    let (columns, rows) = (1 + dice.up_to(11), 1 + dice.up_to(8));
    let places = (0..columns).flat_map(|column| (0..rows).map(move |row| (column, row)));
    let mut plants = Vec::new();
    for (column, row) in places {
        let jitter = side * 0.02 * f32::from(u8::try_from(dice.up_to(3)).unwrap());
        plants.push(rect(
            f32::from(column) * pitch + jitter,
            f32::from(row) * pitch,
            side,
            side,
        ));
    }
    plants
}

fn seen(rect: Rect, score: f64) -> Detection {
    Detection {
        rect,
        confidence: narrow(score),
        class: 0,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a score")]
fn narrow(value: f64) -> f32 {
    value as f32
}

// === impl Dice ===

impl Dice {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// 0 to 1.
    fn chance(&mut self) -> f64 {
        let bits = u32::try_from(self.next() >> 32).unwrap();
        f64::from(bits) / f64::from(u32::MAX)
    }

    /// About a normal distribution.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.chance()).sum::<f64>() - 6.0
    }

    fn up_to(&mut self, most: u16) -> u16 {
        u16::try_from(self.next() % (u64::from(most) + 1)).unwrap()
    }

    fn pixel(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * narrow(self.chance())
    }
}
