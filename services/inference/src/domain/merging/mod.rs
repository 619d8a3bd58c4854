//! Which sightings are one plant.
//!
//! Within a level, of two boxes of one class that share half of the smaller
//! one, the more confident stays; a box that a tile's border may have cut
//! yields to any other. Between levels, a coarse box is dropped when boxes of
//! finer levels explain it, and otherwise replaces the parts found in it.

use super::grid::Grid;
use super::{Detection, Sighting};

/// Finer boxes that cover this share of a coarser one are what it shows.
const EXPLAINED: f32 = 0.5;

/// More sightings than any memory holds; what is beyond would not fit a [`Key`].
const MOST: usize = 1 << Key::INDEX_BITS;

/// Each thing of one level once: no two that are left overlap by `threshold`.
///
/// Idempotent, and independent of the order of its input.
pub(super) fn merge(mut sightings: Vec<Sighting>, threshold: f32) -> Vec<Sighting> {
    sightings.retain(|sighting| sighting.detection.rect.area() > 0.0);
    sightings.truncate(MOST);
    let mut grid = Grid::with_room_for(rects(&sightings));
    let mut kept: Vec<Sighting> = Vec::with_capacity(sightings.len());
    for key in ranked(&sightings) {
        let sighting = &sightings[key.index()];
        let rect = &sighting.detection.rect;
        let alike = |id| alike(&kept[position(id)], sighting);
        let known = grid.any_overlapping(rect, threshold, alike);
        if !known {
            grid.insert(id(kept.len()), rect);
            kept.push(*sighting);
        }
    }
    kept
}

/// Each thing of all levels once, most confident first. Levels come finest first.
pub(crate) fn combine(levels: Vec<Vec<Sighting>>, threshold: f32) -> Vec<Detection> {
    let mut found: Vec<Sighting> = Vec::new();
    for level in levels {
        let coarser = merge(level, threshold);
        found = if found.is_empty() {
            coarser
        } else {
            add_level(found, coarser, threshold)
        };
    }
    let mut detections: Vec<Detection> = found.into_iter().map(|kept| kept.detection).collect();
    detections.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    detections
}

/// Adds what only a coarser level shows.
fn add_level(finer: Vec<Sighting>, coarser: Vec<Sighting>, threshold: f32) -> Vec<Sighting> {
    let mut grid = Grid::with_room_for(rects(&finer));
    for (index, sighting) in finer.iter().enumerate() {
        grid.insert(id(index), &sighting.detection.rect);
    }
    let mut replaced = vec![false; finer.len()];
    let mut added = Vec::new();
    let mut inside = Vec::new();
    for candidate in coarser {
        inside.clear();
        grid.any_overlapping(&candidate.detection.rect, threshold, |id| {
            if alike(&finer[position(id)], &candidate) {
                inside.push(position(id));
            }
            false
        });
        inside.sort_unstable();
        inside.dedup();
        let parts = inside.iter().map(|index| &finer[*index]);
        if !explained(&candidate, parts) {
            for index in &inside {
                replaced[*index] = true;
            }
            added.push(candidate);
        }
    }
    let left = finer.into_iter().zip(replaced);
    let left = left.filter_map(|(sighting, replaced)| (!replaced).then_some(sighting));
    left.chain(added).collect()
}

/// Whether whole things of finer levels are what a coarse box shows.
///
/// Cut ones are no explanation: they are parts of what the coarse level sees whole. A
/// coarse box that is cut itself is no better than any part.
fn explained<'a>(coarse: &Sighting, parts: impl Iterator<Item = &'a Sighting>) -> bool {
    let area = coarse.detection.rect.area();
    let (mut covered, mut surer) = (0.0, false);
    for part in parts.filter(|part| coarse.cut || !part.cut) {
        covered += part.detection.rect.shared(&coarse.detection.rect);
        surer |= part.detection.confidence > coarse.detection.confidence;
    }
    surer || covered >= EXPLAINED * area
}

/// Whether they may be one thing at all.
fn alike(a: &Sighting, b: &Sighting) -> bool {
    a.detection.class == b.detection.class
}

/// A sighting's place in the ranking, in one number: whole before cut, then most
/// confident first, then by index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

// === impl Key ===

impl Key {
    const INDEX_BITS: u32 = 31;

    fn new(index: usize, sighting: &Sighting) -> Self {
        let bits = sighting.detection.confidence.to_bits();
        // As `f32::total_cmp` orders, most confident first.
        let doubt = if sighting.detection.confidence.is_sign_negative() {
            bits
        } else {
            !bits & (u32::MAX >> 1)
        };
        let rank = u64::from(sighting.cut) << 32 | u64::from(doubt);
        Self(rank << Self::INDEX_BITS | u64::from(id(index)))
    }

    fn index(self) -> usize {
        let index = self.0 & ((1 << Self::INDEX_BITS) - 1);
        usize::try_from(index).unwrap_or(usize::MAX)
    }

    fn ties_with(self, other: Self) -> bool {
        self.0 >> Self::INDEX_BITS == other.0 >> Self::INDEX_BITS
    }
}

/// Whole before cut, then most confident first; the rest only makes the order total.
fn ranked(sightings: &[Sighting]) -> Vec<Key> {
    let keys = sightings.iter().enumerate();
    let mut keys: Vec<Key> = keys.map(|(index, seen)| Key::new(index, seen)).collect();
    keys.sort_unstable();
    let tied = keys.chunk_by_mut(|a, b| a.ties_with(*b));
    for tied in tied.filter(|tied| tied.len() > 1) {
        tied.sort_by(|a, b| by_place(&sightings[a.index()], &sightings[b.index()]));
    }
    keys
}

fn by_place(a: &Sighting, b: &Sighting) -> std::cmp::Ordering {
    let place = |sighting: &Sighting| {
        let rect = &sighting.detection.rect;
        [rect.x_min, rect.y_min, rect.x_max, rect.y_max]
    };
    let pairs = place(a).into_iter().zip(place(b));
    let orders = pairs.map(|(a, b)| a.total_cmp(&b));
    orders
        .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        .then_with(|| a.detection.class.cmp(&b.detection.class))
}

fn rects(sightings: &[Sighting]) -> impl Iterator<Item = &super::Rect> + Clone {
    sightings.iter().map(|sighting| &sighting.detection.rect)
}

fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn position(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
