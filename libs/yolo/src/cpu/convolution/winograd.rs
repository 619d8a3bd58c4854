//! 3×3 convolutions of stride 1 with a quarter of the multiplications.
//!
//! Winograd's F(4×4, 3×3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks", 2015): a square of 4×4 outputs depends on 6×6 inputs. Both squares and
//! the weights are transformed so that the convolution becomes 36 products of single
//! numbers, each summed over the input channels: 36 small matrix products over many
//! squares, instead of 144.

use std::sync::Arc;

use super::{Panel, pack_bias, panels};
use crate::cpu::instruction_sets::Kernels;
use crate::cpu::kernel::Kernel;
use crate::cpu::loops::tile::{Tile, pieces};
use crate::cpu::loops::transform::{self, Gather, POSITIONS, Scatter};
use crate::cpu::numbers::Numbers;
use crate::cpu::plane::{Memory, Plane, SQUARE};
use crate::network::graph::{Geometry, Layer};

/// Transformed weights: `[panel, position, input, output]`.
#[derive(Debug)]
pub(crate) struct Weights {
    kernels: &'static Kernels,
    geometry: Geometry,
    activate: bool,
    panels: Vec<Panel>,
    values: Numbers,
    /// Where each panel's values begin.
    offsets: Vec<usize>,
    bias: Numbers,
    bias_offsets: Vec<usize>,
}

/// A Winograd convolution between two planes.
#[derive(Debug)]
pub(super) struct Winograd {
    weights: Arc<Weights>,
    from: Plane,
    to: Plane,
    add: Option<Plane>,
    /// Squares across, and in all.
    columns: usize,
    squares: usize,
    /// Squares of a unit of work.
    block: usize,
}

/// Squares that are worked on together, so that weights are read rarely.
const MOST_SQUARES: usize = 24;
/// Transformed inputs that are worked on together, in numbers: with the outputs and a
/// stream of weights, half of a megabyte of second-level cache.
const MOST_NUMBERS: usize = 512 * 1024 / 4;

// === impl Weights ===

impl Weights {
    pub(super) fn pack(layer: &Layer, kernels: &'static Kernels) -> Self {
        let geometry = layer.geometry;
        let panels = panels(geometry.outputs, kernels);
        let lanes = kernels.lanes;
        let inputs = geometry.inputs;
        let length = |panel: &Panel| POSITIONS * inputs * panel.vectors * lanes;
        let mut values = Numbers::zeroed(panels.iter().map(length).sum());
        let mut offsets = Vec::new();
        let mut at = 0;
        for panel in &panels {
            offsets.push(at);
            let width = panel.vectors * lanes;
            let channels = width - lanes + panel.last;
            let target = &mut values.as_mut_slice()[at..at + length(panel)];
            for channel in 0..channels {
                for input in 0..inputs {
                    let filter = (panel.first + channel) * inputs + input;
                    let window = &layer.weight[filter * 9..(filter + 1) * 9];
                    for (position, value) in transform::weights(window).into_iter().enumerate() {
                        target[(position * inputs + input) * width + channel] = value;
                    }
                }
            }
            at += length(panel);
        }
        let (bias, bias_offsets) = pack_bias(&layer.bias, &panels, lanes);
        Self {
            kernels,
            geometry,
            activate: layer.activate,
            panels,
            values,
            offsets,
            bias,
            bias_offsets,
        }
    }

    /// Input channels filled up to whole vectors.
    fn padded_inputs(&self) -> usize {
        self.geometry.inputs.next_multiple_of(self.kernels.lanes)
    }

    /// Output channels of the widest panel.
    fn widest(&self) -> usize {
        let vectors = self.panels.iter().map(|panel| panel.vectors).max();
        vectors.unwrap_or(0) * self.kernels.lanes
    }
}

// === impl Winograd ===

impl Winograd {
    pub(super) fn new(
        weights: Arc<Weights>,
        from: Plane,
        to: Plane,
        add: Option<Plane>,
        threads: usize,
    ) -> Self {
        let columns = to.width.div_ceil(SQUARE);
        let squares = columns * to.height.div_ceil(SQUARE);
        let fit = MOST_NUMBERS / (POSITIONS * weights.padded_inputs());
        let most = fit.clamp(1, MOST_SQUARES);
        // A multiple of the threads, so that all end at the same time.
        let blocks = squares.div_ceil(most).next_multiple_of(threads);
        Self {
            weights,
            from,
            to,
            add,
            columns,
            squares,
            block: squares.div_ceil(blocks),
        }
    }

    /// The products of one panel at all positions, for `count` squares.
    ///
    /// # Safety
    ///
    /// As for [`Kernel::run`]; `inputs` and `products` are the parts of the scratch memory.
    unsafe fn multiply(&self, index: usize, count: usize, inputs: *const f32, products: *mut f32) {
        let Weights {
            kernels, geometry, ..
        } = *self.weights;
        let Panel { vectors, .. } = self.weights.panels[index];
        let (depth, width) = (self.weights.padded_inputs(), vectors * kernels.lanes);
        let no_offset = 0isize;
        for position in 0..POSITIONS {
            // SAFETY: scratch memory has room for all positions and squares.
            unsafe {
                let weights = self.weights.values.as_ptr();
                let skipped = self.weights.offsets[index] + position * geometry.inputs * width;
                let mut tile = Tile {
                    input: inputs.add(position * count * depth),
                    input_step: depth,
                    taps: &raw const no_offset,
                    tap_count: 1,
                    depth: geometry.inputs,
                    weights: weights.add(skipped),
                    weight_step: width,
                    weight_tap_step: 0,
                    bias: std::ptr::null(),
                    output: products.add(position * count * width),
                    output_step: width,
                    add: std::ptr::null(),
                    add_step: 0,
                    last: kernels.lanes,
                    activate: false,
                };
                for pixels in pieces(count, kernels.most_pixels(vectors)) {
                    kernels.tile(pixels, vectors, &tile);
                    tile.input = tile.input.wrapping_add(pixels * tile.input_step);
                    tile.output = tile.output.wrapping_add(pixels * tile.output_step);
                }
            }
        }
    }
}

impl Kernel for Winograd {
    fn units(&self) -> usize {
        self.squares.div_ceil(self.block)
    }

    fn scratch(&self) -> usize {
        self.block * POSITIONS * (self.weights.padded_inputs() + self.weights.widest())
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, scratch: *mut f32) {
        let first = unit * self.block;
        let count = self.block.min(self.squares - first);
        let depth = self.weights.padded_inputs();
        let kernels = self.weights.kernels;
        // SAFETY: the planes cover all squares with a border, scratch has the length
        // that was asked for.
        unsafe {
            let products = scratch.add(self.block * POSITIONS * depth);
            for index in 0..count {
                let square = first + index;
                let (y, x) = (
                    square / self.columns * SQUARE,
                    square % self.columns * SQUARE,
                );
                let above = self.from.row + self.from.pixel;
                (kernels.gather)(&Gather {
                    input: memory.at(&self.from, y, x).sub(above),
                    input_row: self.from.row,
                    input_pixel: self.from.pixel,
                    output: scratch.add(index * depth),
                    position: count * depth,
                    channels: self.from.channels,
                });
            }
            for (index, panel) in self.weights.panels.iter().enumerate() {
                self.multiply(index, count, scratch, products);
                let width = panel.vectors * kernels.lanes;
                let bias = self.weights.bias.as_ptr();
                for square in 0..count {
                    let place = first + square;
                    let (y, x) = (place / self.columns * SQUARE, place % self.columns * SQUARE);
                    let add = self.add.as_ref();
                    let none = std::ptr::null();
                    (kernels.scatter)(&Scatter {
                        input: products.add(square * width),
                        position: count * width,
                        bias: bias.add(self.weights.bias_offsets[index]),
                        output: memory.at(&self.to, y, x).add(panel.first),
                        output_row: self.to.row,
                        output_pixel: self.to.pixel,
                        add: add.map_or(none, |add| memory.at(add, y, x).add(panel.first)),
                        add_row: add.map_or(0, |add| add.row),
                        add_pixel: add.map_or(0, |add| add.pixel),
                        rows: SQUARE.min(self.to.height - y),
                        columns: SQUARE.min(self.to.width - x),
                        vectors: panel.vectors,
                        last: panel.last,
                        activate: self.weights.activate,
                    });
                }
            }
        }
    }
}
