//! Convolutions, with weights rearranged once for the way they are used.

mod depthwise;
mod direct;
mod winograd;

use std::sync::Arc;

use depthwise::Depthwise;
use direct::Direct;
use winograd::Winograd;

use super::instruction_sets::Kernels;
use super::kernel::Kernel;
use super::loops::tile::pieces;
use super::numbers::Numbers;
use super::plane::{BORDER, Plane};
use crate::network::graph::{Geometry, Layer, Spread};

/// A convolution's weights, in the order its kernel reads them.
#[derive(Clone, Debug)]
pub(super) enum Packed {
    Direct(Arc<direct::Weights>),
    Winograd(Arc<winograd::Weights>),
    Depthwise(Arc<depthwise::Weights>),
}

/// Some vectors of output channels that are computed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    /// The first channel.
    pub(super) first: usize,
    pub(super) vectors: usize,
    /// Channels of the last vector.
    pub(super) last: usize,
}

/// Fewer channels than this do not make up for Winograd's transformations.
const WINOGRAD_CHANNELS: usize = 8;
/// Winograd's weights are four times as many: beyond so many of them, reading them
/// takes longer than they save.
const WINOGRAD_WEIGHTS: usize = 256 * 256;

// === impl Packed ===

impl Packed {
    /// Packs a layer for the fastest kernel of its shape.
    ///
    /// # Panics
    ///
    /// On a window that reaches beyond a map's border, which the family does not have:
    /// the kernels would read another map.
    pub(super) fn new(layer: &Layer, kernels: &'static Kernels) -> Self {
        let Geometry {
            kernel,
            stride,
            depthwise,
            ..
        } = layer.geometry;
        assert!(layer.geometry.padding() <= BORDER, "{}", layer.name);
        assert!(!depthwise || (kernel, stride) == (3, 1), "{}", layer.name);
        if layer.geometry.depthwise {
            return Self::Depthwise(Arc::new(depthwise::Weights::pack(layer, kernels)));
        }
        if is_for_winograd(layer.geometry) {
            return Self::Winograd(Arc::new(winograd::Weights::pack(layer, kernels)));
        }
        Self::Direct(Arc::new(direct::Weights::pack(layer, kernels)))
    }

    /// What profiles call it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Direct(_) => "direct",
            Self::Winograd(_) => "winograd",
            Self::Depthwise(_) => "depthwise",
        }
    }

    /// The kernel between two planes.
    pub(super) fn kernel(
        &self,
        from: Plane,
        to: Plane,
        add: Option<Plane>,
        threads: usize,
    ) -> Box<dyn Kernel> {
        match self {
            Self::Direct(weights) => {
                Box::new(Direct::new(Arc::clone(weights), from, to, add, threads))
            }
            Self::Winograd(weights) => {
                Box::new(Winograd::new(Arc::clone(weights), from, to, add, threads))
            }
            Self::Depthwise(weights) => {
                Box::new(Depthwise::new(Arc::clone(weights), from, to, add))
            }
        }
    }
}

fn is_for_winograd(geometry: Geometry) -> bool {
    let (inputs, outputs) = (geometry.inputs, geometry.outputs);
    (geometry.kernel, geometry.stride) == (3, 1)
        && inputs.min(outputs) >= WINOGRAD_CHANNELS
        && inputs * outputs <= WINOGRAD_WEIGHTS
}

/// The four pointwise layers that a spread is made of: one for each pixel of the 2×2
/// that every pixel becomes.
pub(super) fn corners(spread: &Spread) -> Vec<Layer> {
    let channels = spread.channels;
    let corner = |corner: usize| {
        let mut weight = Vec::with_capacity(channels * channels);
        for output in 0..channels {
            let column = (0..channels).map(|input| (input * channels + output) * 4 + corner);
            weight.extend(column.map(|at| spread.weight[at]));
        }
        Layer {
            name: format!("{}.{corner}", spread.name),
            geometry: Geometry::pointwise(channels, channels),
            activate: false,
            weight,
            bias: spread.bias.clone(),
        }
    };
    (0..4).map(corner).collect()
}

/// Output channels in panels as equal as can be.
fn panels(outputs: usize, kernels: &Kernels) -> Vec<Panel> {
    let vectors = outputs.div_ceil(kernels.lanes);
    let sizes = pieces(vectors, kernels.most_vectors());
    let mut first = 0;
    let mut panels = Vec::new();
    for vectors in sizes {
        let channels = (vectors * kernels.lanes).min(outputs - first);
        let last = channels - (vectors - 1) * kernels.lanes;
        panels.push(Panel {
            first,
            vectors,
            last,
        });
        first += channels;
    }
    panels
}

/// Biases of each panel, filled up to whole vectors.
fn pack_bias(bias: &[f32], panels: &[Panel], lanes: usize) -> (Numbers, Vec<usize>) {
    let total: usize = panels.iter().map(|panel| panel.vectors * lanes).sum();
    let mut packed = Numbers::zeroed(total);
    let mut offsets = Vec::new();
    let mut at = 0;
    for panel in panels {
        let channels = (panel.vectors - 1) * lanes + panel.last;
        let values = &bias[panel.first..panel.first + channels];
        packed.as_mut_slice()[at..at + channels].copy_from_slice(values);
        offsets.push(at);
        at += panel.vectors * lanes;
    }
    (packed, offsets)
}

#[cfg(test)]
mod tests;
