//! The network: a backbone of nine layers, attention, a neck, and the head.
//!
//! This module says what the network is; how it runs is elsewhere.

mod blocks;
pub(crate) mod graph;
mod head;

use blocks::{StageShape, attention_stage, pyramid, stage};
use graph::{Builder, Graph, Operation, Slice};
pub(crate) use head::{Answers, BINS, COEFFICIENTS, SIDES, STRIDES};

use candle_core::Tensor;

use crate::source::Source;
use crate::{Architecture, Result, Scale, Task};

/// What the network answers, before anything is thrown away.
#[derive(Debug)]
pub struct Prediction {
    /// `[B, 4 + classes (+ 32), anchors]`: centre x, centre y, width and height in
    /// pixels of the input, class probabilities, mask coefficients. An anchor's numbers
    /// are neighbours in memory.
    pub boxes: Tensor,
    /// `[B, 32, H / 4, W / 4]`, of segment networks.
    pub prototypes: Option<Tensor>,
}

/// A network with its weights, ready to be compiled for a device.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) graph: Graph,
    pub(crate) answers: Answers,
    /// Weights and biases after folding.
    pub(crate) parameters: usize,
}

/// Names layers and gives them the widths of one scale.
struct Layers<'a, 'b> {
    builder: &'a mut Builder<'b>,
    scale: Scale,
}

// === impl Network ===

impl Network {
    /// Reads the weights of one member of the family.
    pub(crate) fn build(architecture: Architecture, source: &mut dyn Source) -> Result<Self> {
        let Architecture {
            scale,
            task,
            classes,
        } = architecture.checked()?;
        let mut builder = Builder::new(source);
        let maps = Layers {
            builder: &mut builder,
            scale,
        }
        .body()?;
        let prototypes = match task {
            Task::Detect => None,
            Task::Segment => Some(scale.channels(256)),
        };
        let answers = head::head(&mut builder, maps, classes, prototypes)?;
        Ok(Self {
            graph: builder.graph,
            answers,
            parameters: builder.parameters,
        })
    }
}

// === impl Layers ===

impl Layers<'_, '_> {
    /// From the input to the three feature maps that the head looks at, finest first.
    fn body(mut self) -> Result<[Slice; 3]> {
        let repeats = self.scale.repeats();
        let [c64, c128, c256, c512, c1024] =
            [64, 128, 256, 512, 1024].map(|reference| self.scale.channels(reference));
        // What the neck joins lies side by side from the start.
        let graph = &mut self.builder.graph;
        let join_top = graph.map(c1024 + c512, 4);
        let join_small = graph.map(c512 + c512, 3);
        let join_medium = graph.map(c256 + c512, 4);
        let join_large = graph.map(c512 + c1024, 5);
        let input = graph.map(3, 0);
        graph.input = Some(input.map);
        let fine = join_small.part(c512, c512);
        let middle = join_top.part(c1024, c512);
        let coarse = join_large.part(c512, c1024);
        let top = join_medium.part(c256, c512);

        let [half, quarter] = [graph.map(c64, 1), graph.map(c128, 2)];
        self.halve(0, input, half)?;
        self.halve(1, half, quarter)?;
        let stem = self.map(c256, 2);
        self.stage(2, quarter, stem, 4)?;
        let eighth = self.map(c256, 3);
        self.halve(3, stem, eighth)?;
        self.stage(4, eighth, fine, 4)?;
        let sixteenth = self.map(c512, 4);
        self.halve(5, fine, sixteenth)?;
        self.deep_stage(6, sixteenth, middle)?;
        let smallest = self.map(c1024, 5);
        self.halve(7, middle, smallest)?;
        let [deep, wide] = [self.map(c1024, 5), self.map(c1024, 5)];
        self.deep_stage(8, smallest, deep)?;
        pyramid(self.builder, "model.9", deep, wide)?;
        attention_stage(self.builder, "model.10", repeats, wide, coarse)?;

        self.double(coarse, join_top.part(0, c1024));
        self.stage(13, join_top, top, 2)?;
        self.double(top, join_small.part(0, c512));
        let small = self.map(c256, 3);
        self.stage(16, join_small, small, 2)?;
        self.halve(17, small, join_medium.part(0, c256))?;
        let medium = self.map(c512, 4);
        self.stage(19, join_medium, medium, 2)?;
        self.halve(20, medium, join_large.part(0, c512))?;
        let large = self.map(c1024, 5);
        self.deep_stage(22, join_large, large)?;
        Ok([small, medium, large])
    }

    fn map(&mut self, channels: usize, halvings: usize) -> Slice {
        self.builder.graph.map(channels, halvings)
    }

    fn halve(&mut self, index: usize, from: Slice, to: Slice) -> Result<()> {
        let name = format!("model.{index}");
        self.builder.active(&name, (3, 2), from, to)
    }

    fn double(&mut self, from: Slice, to: Slice) {
        self.builder.graph.push(Operation::Double, from, to);
    }

    /// A stage whose inner blocks are deep in the larger networks only; one in `divisor`
    /// of its channels is hidden.
    fn stage(&mut self, index: usize, from: Slice, to: Slice, divisor: usize) -> Result<()> {
        let shape = StageShape {
            hidden: to.channels / divisor,
            repeats: self.scale.repeats(),
            deep: self.scale.deep(),
        };
        stage(self.builder, &format!("model.{index}"), shape, from, to)
    }

    fn deep_stage(&mut self, index: usize, from: Slice, to: Slice) -> Result<()> {
        let shape = StageShape {
            hidden: to.channels / 2,
            repeats: self.scale.repeats(),
            deep: true,
        };
        stage(self.builder, &format!("model.{index}"), shape, from, to)
    }
}
