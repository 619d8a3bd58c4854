//! The head: feature maps to boxes, class scores, mask coefficients and prototypes.

use candle_core::{Device, Tensor};
use candle_nn::ops::{sigmoid, softmax};

use super::convolution::{Builder, Convolution, Geometry};
use crate::Result;

/// Pixels of input per cell of each feature map.
pub(crate) const STRIDES: [usize; 3] = [8, 16, 32];
/// Mask coefficients of each box, and prototypes they weigh.
pub(crate) const COEFFICIENTS: usize = 32;
/// Bins of the distribution over the distance to each side of a box.
const BINS: usize = 16;

/// Layers that follow one another.
#[derive(Debug)]
struct Branch(Vec<Convolution>);

impl Branch {
    /// `[B, C, H, W]` to `[B, outputs, H * W]`.
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let mut features = input.clone();
        for layer in &self.0 {
            features = layer.forward(&features)?;
        }
        Ok(features.flatten_from(2)?)
    }

    /// Two 3×3 layers and a pointwise one.
    fn regular(builder: &mut Builder, name: &str, channels: [usize; 3]) -> Result<Self> {
        let [inputs, width, outputs] = channels;
        Ok(Self(vec![
            builder.active(&format!("{name}.0"), Geometry::square(inputs, width, 3, 1))?,
            builder.active(&format!("{name}.1"), Geometry::square(width, width, 3, 1))?,
            builder.plain(&format!("{name}.2"), Geometry::pointwise(width, outputs))?,
        ]))
    }

    /// Two depthwise-separable layers and a pointwise one.
    fn separable(builder: &mut Builder, name: &str, channels: [usize; 3]) -> Result<Self> {
        let [inputs, width, outputs] = channels;
        Ok(Self(vec![
            builder.active(&format!("{name}.0.0"), Geometry::depthwise(inputs))?,
            builder.active(&format!("{name}.0.1"), Geometry::pointwise(inputs, width))?,
            builder.active(&format!("{name}.1.0"), Geometry::depthwise(width))?,
            builder.active(&format!("{name}.1.1"), Geometry::pointwise(width, width))?,
            builder.plain(&format!("{name}.2"), Geometry::pointwise(width, outputs))?,
        ]))
    }
}

/// Makes the prototypes that masks are sums of, at a quarter of the input's size.
#[derive(Debug)]
struct Prototypes {
    enter: Convolution,
    /// `[4 * channels, channels]`: a transposed 2×2 convolution of stride 2.
    upsample: Tensor,
    upsample_bias: Tensor,
    middle: Convolution,
    leave: Convolution,
}

impl Prototypes {
    fn build(builder: &mut Builder, inputs: usize, hidden: usize) -> Result<Self> {
        let name = "model.23.proto";
        let weight = builder.values(&format!("{name}.upsample.weight"), &[hidden, hidden, 2, 2])?;
        let bias = builder.values(&format!("{name}.upsample.bias"), &[hidden])?;
        let weight = Tensor::from_slice(&weight, (hidden, 4 * hidden), builder.device)?;
        let enter = Geometry::square(inputs, hidden, 3, 1);
        let middle = Geometry::square(hidden, hidden, 3, 1);
        let leave = Geometry::pointwise(hidden, COEFFICIENTS);
        Ok(Self {
            enter: builder.active(&format!("{name}.cv1"), enter)?,
            upsample: weight.t()?.contiguous()?,
            upsample_bias: Tensor::from_slice(&bias, (1, hidden, 1, 1), builder.device)?,
            middle: builder.active(&format!("{name}.cv2"), middle)?,
            leave: builder.active(&format!("{name}.cv3"), leave)?,
        })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let features = self.double(&self.enter.forward(input)?)?;
        self.leave.forward(&self.middle.forward(&features)?)
    }

    /// The transposed convolution: every pixel becomes four, without overlap.
    fn double(&self, input: &Tensor) -> Result<Tensor> {
        let (batch, channels, height, width) = input.dims4()?;
        let (outputs, depth) = self.upsample.dims2()?;
        let weight = self.upsample.broadcast_as((batch, outputs, depth))?;
        let product = weight.matmul(&input.reshape((batch, channels, height * width))?)?;
        let quads = product.reshape(&[batch, channels, 2, 2, height, width][..])?;
        let pixels = quads.permute([0, 1, 4, 2, 5, 3])?.contiguous()?;
        let pixels = pixels.reshape((batch, channels, 2 * height, 2 * width))?;
        Ok(pixels.broadcast_add(&self.upsample_bias)?)
    }
}

/// What only segment networks have.
#[derive(Debug)]
struct Outlines {
    coefficients: Vec<Branch>,
    prototypes: Prototypes,
}

/// Everything after the feature maps.
#[derive(Debug)]
pub(super) struct Head {
    boxes: Vec<Branch>,
    scores: Vec<Branch>,
    outlines: Option<Outlines>,
}

impl Head {
    pub(super) fn build(
        builder: &mut Builder,
        channels: [usize; 3],
        classes: usize,
        prototype_channels: Option<usize>,
    ) -> Result<Self> {
        let box_width = (channels[0] / 4).max(4 * BINS);
        let score_width = channels[0].max(classes.min(100));
        let mask_width = (channels[0] / 4).max(COEFFICIENTS);
        let (mut boxes, mut scores, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for (level, inputs) in channels.into_iter().enumerate() {
            let shape = [inputs, box_width, 4 * BINS];
            boxes.push(Branch::regular(
                builder,
                &format!("model.23.cv2.{level}"),
                shape,
            )?);
            let shape = [inputs, score_width, classes];
            scores.push(Branch::separable(
                builder,
                &format!("model.23.cv3.{level}"),
                shape,
            )?);
            if prototype_channels.is_some() {
                let shape = [inputs, mask_width, COEFFICIENTS];
                masks.push(Branch::regular(
                    builder,
                    &format!("model.23.cv4.{level}"),
                    shape,
                )?);
            }
        }
        let mut outlines = None;
        if let Some(hidden) = prototype_channels {
            let prototypes = Prototypes::build(builder, channels[0], hidden)?;
            let coefficients = masks;
            outlines = Some(Outlines {
                coefficients,
                prototypes,
            });
        }
        Ok(Self {
            boxes,
            scores,
            outlines,
        })
    }

    /// `[B, 4 + classes (+ 32), anchors]`, and the prototypes.
    pub(super) fn forward(&self, maps: &[Tensor; 3]) -> Result<(Tensor, Option<Tensor>)> {
        let boxes = join(&self.boxes, maps)?;
        let scores = sigmoid(&join(&self.scores, maps)?)?;
        let boxes = decode(&boxes, &Anchors::of(maps)?)?;
        let Some(Outlines {
            coefficients,
            prototypes,
        }) = &self.outlines
        else {
            return Ok((Tensor::cat(&[boxes, scores], 1)?, None));
        };
        let coefficients = join(coefficients, maps)?;
        let rows = Tensor::cat(&[boxes, scores, coefficients], 1)?;
        Ok((rows, Some(prototypes.forward(&maps[0])?)))
    }
}

fn join(branches: &[Branch], maps: &[Tensor; 3]) -> Result<Tensor> {
    let pairs = branches.iter().zip(maps);
    let parts: Vec<Tensor> = pairs
        .map(|(branch, map)| branch.forward(map))
        .collect::<Result<_>>()?;
    Ok(Tensor::cat(&parts, 2)?)
}

/// Centres (in cells) and strides of all cells of the three maps.
struct Anchors {
    /// `[1, 2, anchors]`: x, then y.
    centres: Tensor,
    /// `[1, 1, anchors]`.
    strides: Tensor,
}

impl Anchors {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a map has fewer than 2^24 cells"
    )]
    fn of(maps: &[Tensor; 3]) -> Result<Self> {
        let device: &Device = maps[0].device();
        let (mut across, mut down, mut strides) = (Vec::new(), Vec::new(), Vec::new());
        for (map, stride) in maps.iter().zip(STRIDES) {
            let (_, _, height, width) = map.dims4()?;
            for cell in 0..height * width {
                across.push((cell % width) as f32 + 0.5);
                down.push((cell / width) as f32 + 0.5);
                strides.push(stride as f32);
            }
        }
        let count = strides.len();
        across.append(&mut down);
        Ok(Self {
            centres: Tensor::from_vec(across, (1, 2, count), device)?,
            strides: Tensor::from_vec(strides, (1, 1, count), device)?,
        })
    }
}

/// Distance distributions `[B, 64, A]` to centre, width and height `[B, 4, A]` in pixels.
fn decode(distances: &Tensor, anchors: &Anchors) -> Result<Tensor> {
    let (batch, _, count) = distances.dims3()?;
    let device = distances.device();
    let spread = softmax(&distances.reshape((batch, 4, BINS, count))?, 2)?;
    let bins = Tensor::arange(0f32, 16f32, device)?.reshape((1, 1, BINS, 1))?;
    // The mean of each distribution, in cells.
    let sides = spread.broadcast_mul(&bins)?.sum(2)?;
    let before = anchors.centres.broadcast_sub(&sides.narrow(1, 0, 2)?)?;
    let after = anchors.centres.broadcast_add(&sides.narrow(1, 2, 2)?)?;
    let centre = ((&before + &after)? * 0.5)?;
    let extent = (after - before)?;
    let cells = Tensor::cat(&[centre, extent], 1)?;
    Ok(cells.broadcast_mul(&anchors.strides)?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::Prototypes;
    use crate::network::convolution::Builder;
    use crate::source::Source;
    use crate::source::seeded::Seeded;

    #[test]
    fn doubling_agrees_with_a_transposed_convolution() {
        let (hidden, height, width) = (8, 3, 5);
        let mut builder = Builder {
            source: &mut Seeded::new(3),
            device: &Device::Cpu,
            parameters: 0,
        };
        let unit = Prototypes::build(&mut builder, 4, hidden).unwrap();
        let pixels = Seeded::new(4)
            .read("x", &[hidden * height * width])
            .unwrap();
        let input = Tensor::from_vec(pixels, (1, hidden, height, width), &Device::Cpu).unwrap();
        let weight = unit.upsample.t().unwrap().contiguous().unwrap();
        let weight = weight.reshape((hidden, hidden, 2, 2)).unwrap();
        let expected = input.conv_transpose2d(&weight, 0, 0, 2, 1).unwrap();
        let expected = expected.broadcast_add(&unit.upsample_bias).unwrap();

        let found = unit.double(&input).unwrap();

        assert_eq!(found.dims(), expected.dims());
        let off = (found - expected).unwrap().abs().unwrap();
        assert!(off.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-5);
    }
}
