//! Any convolution, as a sum over the positions of its window.

use std::sync::Arc;

use super::{Panel, pack_bias, panels};
use crate::cpu::instruction_sets::Kernels;
use crate::cpu::kernel::Kernel;
use crate::cpu::loops::tile::{Tile, pieces};
use crate::cpu::numbers::Numbers;
use crate::cpu::plane::{Memory, Plane};
use crate::network::graph::{Geometry, Layer};

/// Weights of each panel: `[row, column, input, output]` of the window.
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

/// A convolution between two planes.
#[derive(Debug)]
pub(super) struct Direct {
    weights: Arc<Weights>,
    from: Plane,
    to: Plane,
    add: Option<Plane>,
    /// From a pixel to what each tap sees.
    taps: Vec<isize>,
    /// Numbers that follow one another at each tap.
    depth: usize,
    /// Rows of a unit of work.
    rows: usize,
}

/// Units of work for each thread, so that one that was held up can be helped.
const UNITS: usize = 16;

// === impl Weights ===

impl Weights {
    pub(super) fn pack(layer: &Layer, kernels: &'static Kernels) -> Self {
        let geometry = layer.geometry;
        let panels = panels(geometry.outputs, kernels);
        let window = geometry.kernel * geometry.kernel;
        let depth = window * geometry.inputs;
        let lanes = kernels.lanes;
        let total: usize = panels
            .iter()
            .map(|panel| depth * panel.vectors * lanes)
            .sum();
        let mut values = Numbers::zeroed(total);
        let mut offsets = Vec::new();
        let mut at = 0;
        for panel in &panels {
            offsets.push(at);
            let channels = (panel.vectors - 1) * lanes + panel.last;
            for tap in 0..window {
                for input in 0..geometry.inputs {
                    for channel in 0..channels {
                        let filter = (panel.first + channel) * geometry.inputs + input;
                        let value = layer.weight[filter * window + tap];
                        values.as_mut_slice()[at + channel] = value;
                    }
                    at += panel.vectors * lanes;
                }
            }
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
}

// === impl Direct ===

impl Direct {
    pub(super) fn new(
        weights: Arc<Weights>,
        from: Plane,
        to: Plane,
        add: Option<Plane>,
        threads: usize,
    ) -> Self {
        let kernel = weights.geometry.kernel;
        // Where nothing lies between two pixels, a row of the window is one run.
        let joined = if from.is_dense() { kernel } else { 1 };
        let depth = joined * from.channels;
        let padding = weights.geometry.padding();
        let offset = |tap: usize| {
            let (down, across) = (tap / kernel, tap % kernel);
            let position = |steps: usize, step: usize| (steps * step).cast_signed();
            position(down, from.row) + position(across, from.pixel)
                - position(padding, from.row + from.pixel)
        };
        let taps = (0..kernel * kernel).step_by(joined).map(offset).collect();
        let rows = (to.height / (threads * UNITS)).max(1);
        Self {
            weights,
            from,
            to,
            add,
            taps,
            depth,
            rows,
        }
    }

    /// One row of one panel.
    ///
    /// # Safety
    ///
    /// As for [`Kernel::run`].
    unsafe fn row(&self, memory: &Memory, index: usize, y: usize) {
        let Weights {
            kernels,
            geometry,
            activate,
            ref panels,
            ref values,
            ref offsets,
            ref bias,
            ref bias_offsets,
        } = *self.weights;
        let panel = panels[index];
        let vectors = panel.vectors;
        // SAFETY: the planes cover all pixels, and weights were packed for them.
        unsafe {
            let mut tile = Tile {
                input: memory.at(&self.from, y * geometry.stride, 0),
                input_step: geometry.stride * self.from.pixel,
                taps: self.taps.as_ptr(),
                tap_count: self.taps.len(),
                depth: self.depth,
                weights: values.as_ptr().add(offsets[index]),
                weight_step: vectors * kernels.lanes,
                weight_tap_step: self.depth * vectors * kernels.lanes,
                bias: bias.as_ptr().add(bias_offsets[index]),
                output: memory.at(&self.to, y, 0).add(panel.first),
                output_step: self.to.pixel,
                add: std::ptr::null(),
                add_step: 0,
                last: panel.last,
                activate,
            };
            if let Some(add) = &self.add {
                tile.add = memory.at(add, y, 0).add(panel.first);
                tile.add_step = add.pixel;
            }
            for pixels in pieces(self.to.width, kernels.most_pixels(vectors)) {
                kernels.tile(pixels, vectors, &tile);
                tile.input = tile.input.wrapping_add(pixels * tile.input_step);
                tile.output = tile.output.wrapping_add(pixels * tile.output_step);
                tile.add = tile.add.wrapping_add(pixels * tile.add_step);
            }
        }
    }
}

impl Kernel for Direct {
    fn units(&self) -> usize {
        self.to.height.div_ceil(self.rows)
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        let first = unit * self.rows;
        let last = (first + self.rows).min(self.to.height);
        for panel in 0..self.weights.panels.len() {
            for y in first..last {
                // SAFETY: handed on.
                unsafe { self.row(memory, panel, y) };
            }
        }
    }
}
