//! Where to look: tiles at full resolution, at half, at a quarter, … and the
//! whole photo last.
//!
//! A network finds things between a few and a few hundred pixels. A photo may
//! show a thousand seedlings or three palms: every level halves the photo, so
//! that whatever its size, a plant is of a size the network knows in one of
//! them. The coarse levels together cost a third of the first.

use super::geometry::pixels;
use super::{Parameters, Rect, Size};

/// A photo whose longer side has at most this many tiles is looked at whole.
const WHOLE: f32 = 1.3;
/// A box this close to a tile's border, in pixels of its level, may be cut.
const BORDER: f32 = 3.0;

/// A part of one level that the model looks at, in pixels of the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Columns and rows.
    pub size: Size,
}

/// The photo at one resolution, and where to look in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    /// How often the photo is halved.
    pub halvings: u32,
    /// The photo's size at this resolution.
    pub size: Size,
    /// Row by row.
    pub windows: Vec<Window>,
}

/// Everything that is looked at, finest level first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The photo.
    pub photo: Size,
    /// At least one.
    pub levels: Vec<Level>,
}

// === impl Plan ===

impl Plan {
    /// The plan for a photo of this size.
    pub(crate) fn of(photo: Size, parameters: &Parameters) -> Self {
        let tile = parameters.tile_size();
        let mut levels = Vec::new();
        let (mut size, mut halvings) = (photo, 0);
        // A photo within one tile is seen whole at its full resolution already.
        let mut tiled = size.longer() > tile;
        while tiled {
            levels.push(Level {
                halvings,
                size,
                windows: tiles(size, tile, parameters.tile_overlap()),
            });
            tiled = pixels(size.longer()) > pixels(tile) * WHOLE;
            if tiled {
                size = halved(size);
                halvings += 1;
                tiled = size.longer() > tile;
            }
        }
        let whole = Window { x: 0, y: 0, size };
        levels.push(Level {
            halvings,
            size,
            windows: vec![whole],
        });
        Self { photo, levels }
    }

    /// How many windows there are.
    #[cfg(test)]
    pub(crate) fn window_count(&self) -> usize {
        self.levels.iter().map(|level| level.windows.len()).sum()
    }
}

// === impl Level ===

impl Level {
    /// A box of a window, in pixels of the photo, and whether a border inside the
    /// photo may have cut it.
    pub(crate) fn place(&self, window: &Window, rect: &Rect, photo: Size) -> (Rect, bool) {
        let Size { width, height } = window.size;
        let cut_left = window.x > 0 && rect.x_min < BORDER;
        let cut_top = window.y > 0 && rect.y_min < BORDER;
        let inner_right = window.x + width < self.size.width;
        let inner_bottom = window.y + height < self.size.height;
        let cut_right = inner_right && rect.x_max > pixels(width) - BORDER;
        let cut_bottom = inner_bottom && rect.y_max > pixels(height) - BORDER;
        let moved = rect.placed(1.0, (pixels(window.x), pixels(window.y)));
        let scale = pixels(1 << self.halvings.min(31));
        let placed = moved.placed(scale, (0.0, 0.0)).clipped(&photo.rect());
        (placed, cut_left || cut_top || cut_right || cut_bottom)
    }
}

/// Half of each side, rounded up, never nothing.
fn halved(size: Size) -> Size {
    Size {
        width: size.width.div_ceil(2).max(1),
        height: size.height.div_ceil(2).max(1),
    }
}

fn tiles(size: Size, tile: u32, overlap: f32) -> Vec<Window> {
    let window = Size {
        width: tile.min(size.width),
        height: tile.min(size.height),
    };
    let columns = origins(size.width, tile, overlap);
    let rows = origins(size.height, tile, overlap);
    let places = rows
        .iter()
        .flat_map(|y| columns.iter().map(move |x| (*x, *y)));
    let windows = places.map(|(x, y)| Window { x, y, size: window });
    windows.collect()
}

/// Steps of `tile * (1 - overlap)`; the last tile is moved back to the border, so
/// that every tile is full.
fn origins(length: u32, tile: u32, overlap: f32) -> Vec<u32> {
    let Some(last) = length.checked_sub(tile) else {
        return vec![0];
    };
    let step = step(tile, overlap);
    let mut origins: Vec<u32> = (0..last).step_by(step).collect();
    origins.push(last);
    origins
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the tile's side"
)]
fn step(tile: u32, overlap: f32) -> usize {
    let step = (pixels(tile) * (1.0 - overlap)).floor();
    (step as usize).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Parameters, Plan, Size, origins};
    use crate::domain::geometry::tests::rect;

    fn plan(width: u32, height: u32) -> Plan {
        Plan::of(Size { width, height }, &Parameters::default())
    }

    fn counts(plan: &Plan) -> Vec<(u32, usize)> {
        let levels = plan.levels.iter();
        levels
            .map(|level| (level.halvings, level.windows.len()))
            .collect()
    }

    #[test]
    fn the_last_tile_is_moved_back_to_the_border() {
        assert_eq!(origins(3000, 640, 0.25), [0, 480, 960, 1440, 1920, 2360]);
        assert_eq!(origins(640, 640, 0.25), [0]);
        assert_eq!(origins(641, 640, 0.25), [0, 1]);
        assert_eq!(origins(100, 640, 0.25), [0]);
    }

    #[test]
    fn a_small_photo_is_seen_once_and_whole() {
        assert_eq!(counts(&plan(500, 499)), [(0, 1)]);
        assert_eq!(counts(&plan(640, 640)), [(0, 1)]);
    }

    #[test]
    fn a_photo_a_little_above_one_tile_is_tiled_and_seen_whole() {
        assert_eq!(counts(&plan(800, 600)), [(0, 2), (0, 1)]);
    }

    #[test]
    fn a_large_photo_is_seen_at_every_resolution() {
        assert_eq!(
            counts(&plan(4000, 3000)),
            [(0, 48), (1, 12), (2, 4), (3, 1)]
        );
    }

    #[test]
    fn a_box_of_a_tile_is_placed_in_the_photo() {
        let plan = plan(4000, 3000);
        let level = &plan.levels[1];
        let window = &level.windows[1];

        let (placed, cut) = level.place(window, &rect(100.0, 50.0, 20.0, 30.0), plan.photo);
        assert_eq!((placed, cut), (rect(1160.0, 100.0, 40.0, 60.0), false));

        let (_, cut) = level.place(window, &rect(1.0, 50.0, 20.0, 30.0), plan.photo);
        assert!(cut, "it reaches the tile on the left");
        let (_, cut) = level.place(window, &rect(100.0, 0.0, 20.0, 30.0), plan.photo);
        assert!(!cut, "the photo ends there");
    }

    proptest! {
        #[test]
        fn every_pixel_of_every_level_is_looked_at(
            width in 1u32..3000, height in 1u32..3000,
            tile in 160u32..900, overlap in 0f32..0.75,
        ) {
            let parameters = Parameters::default().with_tile_size(tile).unwrap();
            let parameters = parameters.with_tile_overlap(overlap).unwrap();
            let plan = Plan::of(Size { width, height }, &parameters);
            for level in &plan.levels {
                for x in [0, level.size.width / 3, level.size.width - 1] {
                    for y in [0, level.size.height / 2, level.size.height - 1] {
                        let seen = level.windows.iter().any(|window| {
                            (window.x..window.x + window.size.width).contains(&x)
                                && (window.y..window.y + window.size.height).contains(&y)
                        });
                        prop_assert!(seen);
                    }
                }
                for window in &level.windows {
                    prop_assert!(window.x + window.size.width <= level.size.width);
                    prop_assert!(window.y + window.size.height <= level.size.height);
                }
            }
            let last = plan.levels.last().unwrap();
            prop_assert_eq!(last.windows.len(), 1);
            prop_assert!(f64::from(last.size.longer()) <= f64::from(tile) * 1.3 + 1.0);
        }
    }
}
