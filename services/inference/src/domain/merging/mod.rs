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

/// Each thing of one level once: no two that are left overlap by `threshold`.
///
/// Idempotent, and independent of the order of its input.
pub(super) fn merge(mut sightings: Vec<Sighting>, threshold: f32) -> Vec<Sighting> {
    sightings.retain(|sighting| sighting.detection.rect.area() > 0.0);
    sightings.sort_by(rank);
    let mut grid = Grid::sized_for(rects(&sightings));
    let mut kept: Vec<Sighting> = Vec::new();
    for sighting in sightings {
        let rect = &sighting.detection.rect;
        let known = grid.near(rect).any(|id| {
            let other = &kept[position(id)];
            same(other, &sighting, threshold)
        });
        if !known {
            grid.insert(id(kept.len()), rect);
            kept.push(sighting);
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
    let mut grid = Grid::sized_for(rects(&finer));
    for (index, sighting) in finer.iter().enumerate() {
        grid.insert(id(index), &sighting.detection.rect);
    }
    let mut replaced = vec![false; finer.len()];
    let mut added = Vec::new();
    for candidate in coarser {
        let mut inside: Vec<usize> = grid
            .near(&candidate.detection.rect)
            .map(position)
            .filter(|index| same(&finer[*index], &candidate, threshold))
            .collect();
        inside.sort_unstable();
        inside.dedup();
        let parts = inside.iter().map(|index| &finer[*index]);
        if !explained(&candidate, parts) {
            for index in inside {
                replaced[index] = true;
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

fn same(a: &Sighting, b: &Sighting, threshold: f32) -> bool {
    let (a, b) = (&a.detection, &b.detection);
    a.class == b.class && a.rect.overlap(&b.rect) >= threshold
}

/// Whole before cut, then most confident first; the rest only makes the order total.
fn rank(a: &Sighting, b: &Sighting) -> std::cmp::Ordering {
    let place = |sighting: &Sighting| {
        let rect = &sighting.detection.rect;
        [rect.x_min, rect.y_min, rect.x_max, rect.y_max]
    };
    let by_place = || {
        let pairs = place(a).into_iter().zip(place(b));
        let orders = pairs.map(|(a, b)| a.total_cmp(&b));
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    };
    a.cut
        .cmp(&b.cut)
        .then_with(|| b.detection.confidence.total_cmp(&a.detection.confidence))
        .then_with(by_place)
        .then_with(|| a.detection.class.cmp(&b.detection.class))
}

fn rects(sightings: &[Sighting]) -> impl Iterator<Item = &super::Rect> {
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
