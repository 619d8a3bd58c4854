//! 3×3 convolutions of each channel alone.

use std::sync::Arc;

use crate::cpu::kernels::Kernels;
use crate::cpu::numbers::Numbers;
use crate::cpu::plane::{Memory, Plane};
use crate::cpu::program::Kernel;
use crate::cpu::simd::{Simd, silu, store_channels};
use crate::network::graph::Layer;

/// Positions of the window.
const TAPS: usize = 9;

/// For each vector of channels: nine vectors of weights and one of biases.
#[derive(Debug)]
pub(crate) struct Weights {
    kernels: &'static Kernels,
    activate: bool,
    values: Numbers,
}

/// A depthwise convolution between two planes.
#[derive(Debug)]
pub(super) struct Depthwise {
    weights: Arc<Weights>,
    from: Plane,
    to: Plane,
    add: Option<Plane>,
}

/// One row of output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DepthwiseRow {
    /// What the first pixel's upper left tap sees; `input_row` and `input_pixel` lead
    /// to its neighbours.
    pub(crate) input: *const f32,
    pub(crate) input_row: usize,
    pub(crate) input_pixel: usize,
    /// Ten vectors for each vector of channels.
    pub(crate) weights: *const f32,
    pub(crate) output: *mut f32,
    pub(crate) output_pixel: usize,
    /// Added after the activation, or null for nothing.
    pub(crate) add: *const f32,
    pub(crate) add_pixel: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) activate: bool,
}

/// Computes one row.
///
/// # Safety
///
/// The processor must have the instruction set; the row and its neighbours must be
/// readable up to whole vectors, and the output writable.
#[inline(always)]
pub(crate) unsafe fn compute<S: Simd>(row: &DepthwiseRow) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut channel = 0;
        while channel < row.channels {
            let values = row.weights.add(channel * (TAPS + 1));
            let mut weights = [S::zero(); TAPS];
            for (tap, weight) in weights.iter_mut().enumerate() {
                *weight = S::load(values.add(tap * S::LANES));
            }
            let bias = S::load(values.add(TAPS * S::LANES));
            for x in 0..row.width {
                let corner = row.input.add(x * row.input_pixel + channel);
                let mut sums = [bias, S::zero(), S::zero()];
                for (down, sum) in sums.iter_mut().enumerate() {
                    for across in 0..3 {
                        let at = corner.add(down * row.input_row + across * row.input_pixel);
                        *sum = S::mul_add(S::load(at), weights[down * 3 + across], *sum);
                    }
                }
                let mut value = S::add(S::add(sums[0], sums[1]), sums[2]);
                if row.activate {
                    value = silu::<S>(value);
                }
                if !row.add.is_null() {
                    value = S::add(value, S::load(row.add.add(x * row.add_pixel + channel)));
                }
                let output = row.output.add(x * row.output_pixel + channel);
                store_channels::<S>(output, value, row.channels - channel);
            }
            channel += S::LANES;
        }
    }
}

// === impl Weights ===

impl Weights {
    pub(super) fn pack(layer: &Layer, kernels: &'static Kernels) -> Self {
        let lanes = kernels.lanes;
        let channels = layer.geometry.outputs;
        let of_vector = (TAPS + 1) * lanes;
        let mut values = Numbers::zeroed(channels.div_ceil(lanes) * of_vector);
        for channel in 0..channels {
            let at = channel / lanes * of_vector + channel % lanes;
            let slots = values.as_mut_slice()[at..].iter_mut().step_by(lanes);
            let weights = &layer.weight[channel * TAPS..(channel + 1) * TAPS];
            let all = weights.iter().chain(&layer.bias[channel..=channel]);
            for (slot, value) in slots.zip(all) {
                *slot = *value;
            }
        }
        Self {
            kernels,
            activate: layer.activate,
            values,
        }
    }
}

// === impl Depthwise ===

impl Depthwise {
    pub(super) fn new(weights: Arc<Weights>, from: Plane, to: Plane, add: Option<Plane>) -> Self {
        Self {
            weights,
            from,
            to,
            add,
        }
    }
}

impl Kernel for Depthwise {
    fn units(&self) -> usize {
        self.to.height
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        let Weights {
            kernels,
            activate,
            ref values,
        } = *self.weights;
        let add = self.add.as_ref();
        // SAFETY: the planes cover all pixels and have a border of one.
        unsafe {
            let above = self.from.row + self.from.pixel;
            (kernels.depthwise)(&DepthwiseRow {
                input: memory.at(&self.from, unit, 0).sub(above),
                input_row: self.from.row,
                input_pixel: self.from.pixel,
                weights: values.as_ptr(),
                output: memory.at(&self.to, unit, 0),
                output_pixel: self.to.pixel,
                add: add.map_or(std::ptr::null(), |add| memory.at(add, unit, 0)),
                add_pixel: add.map_or(0, |add| add.pixel),
                width: self.to.width,
                channels: self.to.channels,
                activate,
            });
        }
    }
}
