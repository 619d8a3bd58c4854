//! The network: a backbone of nine layers, attention, a neck, and the head.

mod blocks;
mod convolution;
mod head;
mod kernels;

use blocks::{AttentionStage, Pyramid, Stage, StageShape};
use candle_core::{Device, Tensor};
use convolution::{Builder, Convolution, Geometry};
pub(crate) use head::COEFFICIENTS;
use head::Head;

use crate::source::Source;
use crate::{Architecture, Result, Scale, Task};

/// What the network answers, before anything is thrown away.
#[derive(Debug)]
pub struct Prediction {
    /// `[B, 4 + classes (+ 32), anchors]`: centre x, centre y, width and height in
    /// pixels of the input, class probabilities, mask coefficients.
    pub boxes: Tensor,
    /// `[B, 32, H / 4, W / 4]`, of segment networks.
    pub prototypes: Option<Tensor>,
}

/// All layers; the fields carry the layer numbers of the weight files.
#[derive(Debug)]
pub(crate) struct Network {
    l0: Convolution,
    l1: Convolution,
    l2: Stage,
    l3: Convolution,
    l4: Stage,
    l5: Convolution,
    l6: Stage,
    l7: Convolution,
    l8: Stage,
    l9: Pyramid,
    l10: AttentionStage,
    l13: Stage,
    l16: Stage,
    l17: Convolution,
    l19: Stage,
    l20: Convolution,
    l22: Stage,
    head: Head,
}

/// Names layers and gives them the widths of one scale.
struct Layers<'a, 'b> {
    builder: &'a mut Builder<'b>,
    scale: Scale,
}

// === impl Layers ===

impl Layers<'_, '_> {
    fn halve(&mut self, index: usize, inputs: usize, outputs: usize) -> Result<Convolution> {
        let inputs = if index == 0 {
            3
        } else {
            self.scale.channels(inputs)
        };
        let geometry = Geometry::square(inputs, self.scale.channels(outputs), 3, 2);
        self.builder.active(&format!("model.{index}"), geometry)
    }

    /// A stage whose inner blocks are deep in the larger networks only.
    fn stage(
        &mut self,
        index: usize,
        inputs: usize,
        outputs: usize,
        divisor: usize,
    ) -> Result<Stage> {
        self.any_stage(index, (inputs, outputs), divisor, self.scale.deep())
    }

    fn deep_stage(&mut self, index: usize, inputs: usize, outputs: usize) -> Result<Stage> {
        self.any_stage(index, (inputs, outputs), 2, true)
    }

    /// `inputs` are channels, `outputs` a reference count, of which one in `divisor` is hidden.
    fn any_stage(
        &mut self,
        index: usize,
        (inputs, outputs): (usize, usize),
        divisor: usize,
        deep: bool,
    ) -> Result<Stage> {
        let outputs = self.scale.channels(outputs);
        let shape = StageShape {
            inputs,
            outputs,
            hidden: outputs / divisor,
            repeats: self.scale.repeats(),
            deep,
        };
        Stage::build(self.builder, &format!("model.{index}"), shape)
    }
}

// === impl Network ===

impl Network {
    /// Builds the network and counts its parameters.
    pub(crate) fn build(
        architecture: Architecture,
        source: &mut dyn Source,
        device: &Device,
    ) -> Result<(Self, usize)> {
        let Architecture {
            scale,
            task,
            classes,
        } = architecture.checked()?;
        let mut builder = Builder {
            source,
            device,
            parameters: 0,
        };
        let [c128, c256, c512, c1024] = [128, 256, 512, 1024].map(|c| scale.channels(c));
        let prototypes = match task {
            Task::Detect => None,
            Task::Segment => Some(c256),
        };
        let repeats = scale.repeats();
        let mut make = Layers {
            builder: &mut builder,
            scale,
        };
        let network = Self {
            l0: make.halve(0, 3, 64)?,
            l1: make.halve(1, 64, 128)?,
            l2: make.stage(2, c128, 256, 4)?,
            l3: make.halve(3, 256, 256)?,
            l4: make.stage(4, c256, 512, 4)?,
            l5: make.halve(5, 512, 512)?,
            l6: make.deep_stage(6, c512, 512)?,
            l7: make.halve(7, 512, 1024)?,
            l8: make.deep_stage(8, c1024, 1024)?,
            l9: Pyramid::build(make.builder, "model.9", c1024)?,
            l10: AttentionStage::build(make.builder, "model.10", c1024, repeats)?,
            l13: make.stage(13, c1024 + c512, 512, 2)?,
            l16: make.stage(16, c512 + c512, 256, 2)?,
            l17: make.halve(17, 256, 256)?,
            l19: make.stage(19, c256 + c512, 512, 2)?,
            l20: make.halve(20, 512, 512)?,
            l22: make.deep_stage(22, c512 + c1024, 1024)?,
            head: Head::build(make.builder, [c256, c512, c1024], classes, prototypes)?,
        };
        Ok((network, builder.parameters))
    }

    /// Runs a batch `[B, 3, H, W]` of values 0 to 1; H and W are multiples of 32.
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Prediction> {
        let fine = self.l1.forward(&self.l0.forward(input)?)?;
        let fine = self
            .l4
            .forward(&self.l3.forward(&self.l2.forward(&fine)?)?)?;
        let middle = self.l6.forward(&self.l5.forward(&fine)?)?;
        let coarse = self.l8.forward(&self.l7.forward(&middle)?)?;
        let coarse = self.l10.forward(&self.l9.forward(&coarse)?)?;
        let top = self.l13.forward(&join(double(&coarse)?, middle)?)?;
        let small = self.l16.forward(&join(double(&top)?, fine)?)?;
        let medium = self.l19.forward(&join(self.l17.forward(&small)?, top)?)?;
        let large = self
            .l22
            .forward(&join(self.l20.forward(&medium)?, coarse)?)?;
        let (boxes, prototypes) = self.head.forward(&[small, medium, large])?;
        Ok(Prediction { boxes, prototypes })
    }
}

fn double(map: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = map.dims4()?;
    Ok(map.upsample_nearest2d(2 * height, 2 * width)?)
}

fn join(first: Tensor, second: Tensor) -> Result<Tensor> {
    Ok(Tensor::cat(&[first, second], 1)?)
}
