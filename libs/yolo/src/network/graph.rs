//! A network as a list of steps over named feature maps.
//!
//! The blocks describe it once; `crate::cpu` compiles it for the processor and
//! `crate::device` runs it on candle tensors. Joining maps costs nothing here: a step
//! writes into a range of a wider map's channels, and reads from such a range.

use crate::Result;
use crate::source::{self, Folded, Source};

/// A feature map, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MapId(pub(crate) usize);

/// What a feature map is like. Its height and width are the input's, halved so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapShape {
    pub(crate) channels: usize,
    pub(crate) halvings: usize,
}

/// Some neighbouring channels of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) map: MapId,
    pub(crate) start: usize,
    pub(crate) channels: usize,
}

/// Shape of a convolution. The padding is half of the kernel, as everywhere in the
/// family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Geometry {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// Each channel has its own kernel.
    pub(crate) depthwise: bool,
}

/// A convolution's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// The name in weight files.
    pub(crate) name: String,
    pub(crate) geometry: Geometry,
    /// Whether SiLU follows.
    pub(crate) activate: bool,
    /// `[outputs, inputs (1 if depthwise), kernel, kernel]`.
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// A transposed 2×2 convolution of stride 2: every pixel becomes four, none overlap.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    pub(crate) name: String,
    pub(crate) channels: usize,
    /// `[inputs, outputs, 2, 2]`.
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// Channels that attention works with: all queries, then all keys, then all values,
/// each head after head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heads {
    pub(crate) count: usize,
    /// Query and key channels of a head.
    pub(crate) keys: usize,
    /// Value channels of a head.
    pub(crate) values: usize,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Convolves, activates, and adds a map of the output's shape.
    Convolve { layer: Layer, add: Option<Slice> },
    /// Doubles height and width by [`Spread`].
    Spread(Spread),
    /// Doubles height and width by repeating every pixel.
    Double,
    /// The largest of the 5×5 neighbours.
    Widest,
    /// Mixes the values by how well queries match keys.
    Attend(Heads),
}

/// One operation on two maps. Steps run in order.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) operation: Operation,
    pub(crate) from: Slice,
    pub(crate) to: Slice,
}

/// A whole network, or a part of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) maps: Vec<MapShape>,
    pub(crate) steps: Vec<Step>,
    /// The map that the input is put in.
    pub(crate) input: Option<MapId>,
    /// The maps that are asked for in the end.
    pub(crate) outputs: Vec<MapId>,
}

/// The first and the last step that use a map. Steps are counted from 1: the input is
/// taken in step 0, and what is kept is read after the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Builds a graph from a source of weights, counting its parameters.
pub(crate) struct Builder<'a> {
    pub(crate) source: &'a mut dyn Source,
    pub(crate) graph: Graph,
    pub(crate) parameters: usize,
}

// === impl Slice ===

impl Slice {
    /// `count` of these channels, from the `skip`-th on.
    pub(crate) fn part(self, skip: usize, count: usize) -> Self {
        debug_assert!(skip + count <= self.channels);
        Self {
            map: self.map,
            start: self.start + skip,
            channels: count,
        }
    }
}

// === impl Heads ===

impl Heads {
    /// One over the root of the keys, which keeps scores in softmax's range.
    #[expect(clippy::cast_precision_loss, reason = "a head has at most 32 keys")]
    pub(crate) fn scale(self) -> f32 {
        1.0 / (self.keys as f32).sqrt()
    }
}

// === impl Geometry ===

impl Geometry {
    pub(crate) fn pointwise(inputs: usize, outputs: usize) -> Self {
        Self::square(inputs, outputs, 1, 1)
    }

    pub(crate) fn square(inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Self {
        Self {
            inputs,
            outputs,
            kernel,
            stride,
            depthwise: false,
        }
    }

    pub(crate) fn depthwise(channels: usize) -> Self {
        Self {
            depthwise: true,
            ..Self::square(channels, channels, 3, 1)
        }
    }

    pub(crate) fn padding(self) -> usize {
        self.kernel / 2
    }

    /// Rows or columns of the output for so many of the input.
    #[cfg(any(test, feature = "cuda"))]
    pub(crate) fn output(self, length: usize) -> usize {
        (length + 2 * self.padding() - self.kernel) / self.stride + 1
    }

    pub(crate) fn weight_shape(self) -> [usize; 4] {
        let inputs = if self.depthwise { 1 } else { self.inputs };
        [self.outputs, inputs, self.kernel, self.kernel]
    }
}

// === impl Graph ===

impl Graph {
    /// A new map, as the slice of all its channels.
    pub(crate) fn map(&mut self, channels: usize, halvings: usize) -> Slice {
        self.maps.push(MapShape { channels, halvings });
        Slice {
            map: MapId(self.maps.len() - 1),
            start: 0,
            channels,
        }
    }

    pub(crate) fn shape(&self, map: MapId) -> MapShape {
        self.maps[map.0]
    }

    /// How long each map is needed; `kept` are read after the last step.
    pub(crate) fn lives(&self, kept: &[MapId]) -> Vec<Life> {
        let unused = Life {
            first: usize::MAX,
            last: 0,
        };
        let mut lives = vec![unused; self.maps.len()];
        let mut touch = |map: MapId, step: usize| {
            let life = &mut lives[map.0];
            life.first = life.first.min(step);
            life.last = life.last.max(step);
        };
        if let Some(input) = self.input {
            touch(input, 0);
        }
        for (index, step) in self.steps.iter().enumerate() {
            touch(step.from.map, index + 1);
            touch(step.to.map, index + 1);
            if let Operation::Convolve { add: Some(add), .. } = &step.operation {
                touch(add.map, index + 1);
            }
        }
        for map in kept {
            touch(*map, self.steps.len() + 1);
        }
        lives
    }

    pub(crate) fn push(&mut self, operation: Operation, from: Slice, to: Slice) {
        self.steps.push(Step {
            operation,
            from,
            to,
        });
    }
}

// === impl Builder ===

impl<'a> Builder<'a> {
    pub(crate) fn new(source: &'a mut dyn Source) -> Self {
        Self {
            source,
            graph: Graph::default(),
            parameters: 0,
        }
    }

    /// A new map with as many channels at the resolution of another.
    pub(crate) fn like(&mut self, other: Slice, channels: usize) -> Slice {
        let halvings = self.graph.shape(other.map).halvings;
        self.graph.map(channels, halvings)
    }

    /// A convolution with folded batch norm and SiLU.
    pub(crate) fn active(
        &mut self,
        name: &str,
        (kernel, stride): (usize, usize),
        from: Slice,
        to: Slice,
    ) -> Result<()> {
        let geometry = Geometry::square(from.channels, to.channels, kernel, stride);
        let layer = self.folded(name, geometry, true)?;
        self.convolve(layer, from, to, None);
        Ok(())
    }

    /// A layer whose batch norm, if the file has one, is folded into it.
    pub(crate) fn folded(
        &mut self,
        name: &str,
        geometry: Geometry,
        activate: bool,
    ) -> Result<Layer> {
        let folded = source::read_folded(self.source, name, &geometry.weight_shape())?;
        Ok(self.layer(name, folded, geometry, activate))
    }

    /// A layer without batch norm and activation, named without `.conv`.
    pub(crate) fn plain(&mut self, name: &str, geometry: Geometry) -> Result<Layer> {
        let weight = self
            .source
            .read(&format!("{name}.weight"), &geometry.weight_shape())?;
        let bias = self
            .source
            .read(&format!("{name}.bias"), &[geometry.outputs])?;
        Ok(self.layer(name, Folded { weight, bias }, geometry, false))
    }

    fn layer(&mut self, name: &str, folded: Folded, geometry: Geometry, activate: bool) -> Layer {
        let Folded { weight, bias } = folded;
        self.parameters += weight.len() + bias.len();
        Layer {
            name: name.to_owned(),
            geometry,
            activate,
            weight,
            bias,
        }
    }

    /// A transposed convolution that keeps the number of channels.
    pub(crate) fn spread(&mut self, name: &str, from: Slice, to: Slice) -> Result<()> {
        let channels = from.channels;
        let weight_name = format!("{name}.weight");
        let weight = self
            .source
            .read(&weight_name, &[channels, channels, 2, 2])?;
        let bias = self.source.read(&format!("{name}.bias"), &[channels])?;
        self.parameters += weight.len() + bias.len();
        let spread = Spread {
            name: name.to_owned(),
            channels,
            weight,
            bias,
        };
        self.graph.push(Operation::Spread(spread), from, to);
        Ok(())
    }

    pub(crate) fn convolve(&mut self, layer: Layer, from: Slice, to: Slice, add: Option<Slice>) {
        self.graph
            .push(Operation::Convolve { layer, add }, from, to);
    }
}
