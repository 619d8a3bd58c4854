//! Which map lies where in the arena: maps that are never needed together share memory.

use crate::network::graph::{Graph, Life, MapId, MapShape, Operation, Step};

use super::numbers::LINE;
use super::plane::{BORDER, Plane, Space};

/// A plane for every map of a graph.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) planes: Vec<Plane>,
    /// Numbers that the arena needs.
    pub(super) arena: usize,
    /// Numbers of the maps that are asked for.
    pub(super) maps: usize,
    /// For every step, the maps whose border it has to clear.
    pub(super) borders: Vec<Vec<MapId>>,
}

/// A piece of the arena in use.
#[derive(Clone, Copy, Debug)]
struct Lease {
    start: usize,
    length: usize,
    last: usize,
}

// === impl Plan ===

impl Plan {
    /// `kept` are maps that are read after the last step.
    pub(super) fn of(graph: &Graph, kept: &[MapId], (height, width): (usize, usize)) -> Self {
        let lives = graph.lives(kept);
        let mut planes = vec![None; graph.maps.len()];
        let mut asked = 0;
        for output in &graph.outputs {
            let (plane, length) = plane(graph.shape(*output), (height, width), Space::Asked);
            planes[output.0] = Some(Plane {
                origin: asked,
                ..plane
            });
            asked += length;
        }
        let mut leases: Vec<Lease> = Vec::new();
        let mut arena = 0;
        for step in 0..=graph.steps.len() {
            leases.retain(|lease| lease.last >= step);
            for (map, life) in lives.iter().enumerate() {
                if life.first != step || planes[map].is_some() {
                    continue;
                }
                let (plane, length) = plane(graph.maps[map], (height, width), Space::Arena);
                let start = lowest_gap(&mut leases, length, life.last);
                arena = arena.max(start + length);
                planes[map] = Some(Plane {
                    origin: start + plane.origin,
                    ..plane
                });
            }
        }
        Self {
            planes: planes.into_iter().flatten().collect(),
            // Kernels read whole vectors, which may reach beyond the last channel.
            arena: arena + LINE,
            maps: asked,
            borders: borders(graph, &lives),
        }
    }
}

/// The shape of a map in memory, and how many numbers it takes.
fn plane(shape: MapShape, input: (usize, usize), space: Space) -> (Plane, usize) {
    let MapShape { channels, halvings } = shape;
    let (height, width) = (input.0 >> halvings, input.1 >> halvings);
    let (rows, columns, border, pixel) = match space {
        Space::Asked => (height, width, 0, channels),
        Space::Arena => {
            let (rows, columns) = Plane::bordered(height, width);
            // Wide pixels begin on a cache line.
            let lined = channels.next_multiple_of(LINE);
            let pixel = if channels > LINE { lined } else { channels };
            (rows, columns, BORDER, pixel)
        }
    };
    let row = columns * pixel;
    let plane = Plane {
        space,
        origin: border * (row + pixel),
        row,
        pixel,
        height,
        width,
        channels,
    };
    (plane, rows * row)
}

/// Takes the lowest part of the arena that is free for so many numbers.
fn lowest_gap(leases: &mut Vec<Lease>, length: usize, last: usize) -> usize {
    let length = length.next_multiple_of(LINE);
    leases.sort_by_key(|lease| lease.start);
    let mut start = 0;
    for lease in leases.iter() {
        if lease.start >= start + length {
            break;
        }
        start = start.max(lease.start + lease.length);
    }
    leases.push(Lease {
        start,
        length,
        last,
    });
    start
}

/// Maps whose neighbours are looked at, by the step that writes them first.
fn borders(graph: &Graph, lives: &[Life]) -> Vec<Vec<MapId>> {
    let mut borders = vec![Vec::new(); graph.steps.len() + 1];
    for Step {
        operation, from, ..
    } in &graph.steps
    {
        let Operation::Convolve { layer, .. } = operation else {
            continue;
        };
        let known = &mut borders[lives[from.map.0].first];
        if layer.geometry.kernel > 1 && !known.contains(&from.map) {
            known.push(from.map);
        }
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::{Lease, lowest_gap};

    #[test]
    fn the_lowest_gap_that_is_wide_enough_is_taken() {
        let lease = |start, length| Lease {
            start,
            length,
            last: 9,
        };
        let mut leases = vec![lease(80, 32), lease(0, 16), lease(32, 16)];

        assert_eq!(lowest_gap(&mut leases, 9, 9), 16);
        assert_eq!(lowest_gap(&mut leases, 32, 9), 48);
        assert_eq!(lowest_gap(&mut leases, 33, 9), 112);
    }
}
