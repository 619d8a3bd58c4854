//! Self-attention: every position gathers the values of all others, weighed by how well
//! its query matches their keys.

use super::instruction_sets::Kernels;
use super::kernel::Kernel;
use super::loops::softmax::Row;
use super::loops::tile::{Tile, pieces};
use super::plane::{Memory, Plane};
use crate::network::graph::Heads;

/// Attention between two planes: queries, keys and values in, mixed values out.
#[derive(Debug)]
pub(super) struct Attention {
    kernels: &'static Kernels,
    heads: Heads,
    from: Plane,
    to: Plane,
    /// Parts of the picture's rows that each head is cut into.
    groups: usize,
    /// From each row's first position to the next's, in a row of scores.
    taps: Vec<isize>,
}

/// A unit's part of the scratch memory.
#[derive(Clone, Copy)]
struct Desk {
    /// Keys of the head: `[panel, key, position]`.
    keys: *mut f32,
    /// For each position of a row of the picture, its scores of all positions.
    scores: *mut f32,
}

// === impl Attention ===

impl Attention {
    pub(super) fn new(
        kernels: &'static Kernels,
        heads: Heads,
        from: Plane,
        to: Plane,
        threads: usize,
    ) -> Self {
        let taps = (0..from.height).map(|y| (y * from.width).cast_signed());
        Self {
            kernels,
            heads,
            from,
            to,
            groups: (2 * threads).div_ceil(heads.count).min(from.height),
            taps: taps.collect(),
        }
    }

    fn positions(&self) -> usize {
        self.from.height * self.from.width
    }

    /// Vectors of positions in panels: the keys are the weights of the first product.
    fn panels(&self) -> Vec<usize> {
        let vectors = self.positions().div_ceil(self.kernels.lanes);
        pieces(vectors, self.kernels.most_vectors()).collect()
    }

    /// Positions filled up to whole vectors.
    fn padded(&self) -> usize {
        self.positions().next_multiple_of(self.kernels.lanes)
    }

    /// Lays the keys of one head out as `[panel, key, position]`.
    ///
    /// # Safety
    ///
    /// As for [`Kernel::run`]; the desk has room for all keys.
    unsafe fn pack_keys(&self, head: usize, memory: &Memory, desk: Desk) {
        let Heads { count, keys, .. } = self.heads;
        let plane = self.from.part((count + head) * keys, keys);
        let (mut first, mut target) = (0, desk.keys);
        for vectors in self.panels() {
            let width = vectors * self.kernels.lanes;
            for column in 0..width {
                let position = first + column;
                let (y, x) = (position / self.from.width, position % self.from.width);
                for key in 0..keys {
                    // SAFETY: positions beyond the last are not read, all have room.
                    unsafe {
                        let value = if position < self.positions() {
                            memory.at(&plane, y, x).add(key).read()
                        } else {
                            0.0
                        };
                        target.add(key * width + column).write(value);
                    }
                }
            }
            first += width;
            // SAFETY: the next panel follows.
            target = unsafe { target.add(keys * width) };
        }
    }

    /// What the positions of one row of the picture see.
    ///
    /// # Safety
    ///
    /// As for [`Kernel::run`]; the desk has room for keys and scores.
    unsafe fn row(&self, (head, y): (usize, usize), memory: &Memory, desk: Desk) {
        // SAFETY: the planes cover all positions, scratch memory has room for the scores.
        unsafe {
            self.score((head, y), memory, desk);
            for x in 0..self.from.width {
                (self.kernels.normalise)(&Row {
                    scores: desk.scores.add(x * self.padded()),
                    count: self.positions(),
                    scale: self.heads.scale(),
                });
            }
            self.mix((head, y), memory, desk);
        }
    }

    /// Queries times keys.
    ///
    /// # Safety
    ///
    /// As for [`Self::row`].
    unsafe fn score(&self, (head, y): (usize, usize), memory: &Memory, desk: Desk) {
        let keys = self.heads.keys;
        let queries = self.from.part(head * keys, keys);
        let no_offset = 0isize;
        let (mut first, mut weights) = (0, desk.keys.cast_const());
        for vectors in self.panels() {
            let width = vectors * self.kernels.lanes;
            // SAFETY: the caller vouches for the planes and the scratch memory.
            unsafe {
                let mut tile = Tile {
                    input: memory.at(&queries, y, 0),
                    input_step: queries.pixel,
                    taps: &raw const no_offset,
                    tap_count: 1,
                    depth: keys,
                    weights,
                    weight_step: width,
                    weight_tap_step: 0,
                    bias: std::ptr::null(),
                    output: desk.scores.add(first),
                    output_step: self.padded(),
                    add: std::ptr::null(),
                    add_step: 0,
                    last: self.kernels.lanes,
                    activate: false,
                };
                self.tiles(vectors, &mut tile);
                weights = weights.add(keys * width);
            }
            first += width;
        }
    }

    /// Scores times values.
    ///
    /// # Safety
    ///
    /// As for [`Self::row`].
    unsafe fn mix(&self, (head, y): (usize, usize), memory: &Memory, desk: Desk) {
        let Heads {
            count,
            keys,
            values,
        } = self.heads;
        let mut first = 0;
        for vectors in pieces(
            values.div_ceil(self.kernels.lanes),
            self.kernels.most_vectors(),
        ) {
            let channels = (vectors * self.kernels.lanes).min(values - first);
            let plane = self
                .from
                .part(2 * count * keys + head * values + first, channels);
            let target = self.to.part(head * values + first, channels);
            // SAFETY: the caller vouches for the planes and the scratch memory.
            unsafe {
                let mut tile = Tile {
                    input: desk.scores,
                    input_step: self.padded(),
                    taps: self.taps.as_ptr(),
                    tap_count: self.taps.len(),
                    depth: self.from.width,
                    weights: memory.at(&plane, 0, 0),
                    weight_step: plane.pixel,
                    weight_tap_step: plane.row,
                    bias: std::ptr::null(),
                    output: memory.at(&target, y, 0),
                    output_step: target.pixel,
                    add: std::ptr::null(),
                    add_step: 0,
                    last: channels - (vectors - 1) * self.kernels.lanes,
                    activate: false,
                };
                self.tiles(vectors, &mut tile);
            }
            first += channels;
        }
    }

    /// All positions of one row.
    ///
    /// # Safety
    ///
    /// As for [`super::loops::tile::compute`].
    unsafe fn tiles(&self, vectors: usize, tile: &mut Tile) {
        for pixels in pieces(self.from.width, self.kernels.most_pixels(vectors)) {
            // SAFETY: handed on.
            unsafe { self.kernels.tile(pixels, vectors, tile) };
            tile.input = tile.input.wrapping_add(pixels * tile.input_step);
            tile.output = tile.output.wrapping_add(pixels * tile.output_step);
        }
    }
}

impl Kernel for Attention {
    fn units(&self) -> usize {
        self.heads.count * self.groups
    }

    fn scratch(&self) -> usize {
        (self.heads.keys + self.from.width) * self.padded()
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, scratch: *mut f32) {
        let (head, group) = (unit / self.groups, unit % self.groups);
        let rows = pieces(self.from.height, self.from.height.div_ceil(self.groups));
        let mut first = 0;
        for (index, rows) in rows.enumerate() {
            if index == group {
                // SAFETY: the planes are as planned, scratch memory as asked for.
                unsafe {
                    let desk = Desk {
                        keys: scratch,
                        scores: scratch.add(self.heads.keys * self.padded()),
                    };
                    self.pack_keys(head, memory, desk);
                    for y in first..first + rows {
                        self.row((head, y), memory, desk);
                    }
                }
            }
            first += rows;
        }
    }
}
