//! Everything in a photo that may be a plant, each thing once.

use crate::domain::grid::Grid;
use crate::domain::{Detection, Sighting, combine};

/// The sightings of each level that are at least this sure.
pub(super) fn from(mut levels: Vec<Vec<Sighting>>, confidence: f32) -> Vec<Vec<Sighting>> {
    for level in &mut levels {
        level.retain(|sighting| sighting.detection.confidence >= confidence);
    }
    levels
}

/// The things seen at least this surely, exactly as if fainter ones had not been looked
/// for, and behind them the fainter ones that lie on none of these.
///
/// Merged in one go, a faint box could displace a sure one that a tile's border cut.
pub(super) fn candidates(
    levels: &[Vec<Sighting>],
    floor: f32,
    sure: f32,
    merge: f32,
) -> Vec<Detection> {
    let mut found = combine(from(levels.to_vec(), sure), merge);
    let mut faint = levels.to_vec();
    for level in &mut faint {
        level.retain(|sighting| (floor..sure).contains(&sighting.detection.confidence));
    }
    let faint = combine(faint, merge);
    let mut grid = Grid::with_room_for(found.iter().map(|found| &found.rect));
    for (id, found) in (0..).zip(&found) {
        grid.insert(id, &found.rect);
    }
    let hidden = |faint: &Detection| grid.any_overlapping(&faint.rect, merge, |_| true);
    found.extend(faint.into_iter().filter(|faint| !hidden(faint)));
    found
}
