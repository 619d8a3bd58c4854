//! 3×3 convolutions of each channel alone.

use std::sync::Arc;

use crate::cpu::instruction_sets::Kernels;
use crate::cpu::kernel::Kernel;
use crate::cpu::loops::depthwise::{DepthwiseRow, TAPS};
use crate::cpu::numbers::Numbers;
use crate::cpu::plane::{Memory, Plane};
use crate::network::graph::Layer;

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
