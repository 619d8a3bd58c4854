//! What the steps of a network do to tensors: candle's operations, and on NVIDIA GPUs
//! kernels of our own where candle's take several launches.

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::{sigmoid, softmax, softmax_last_dim};

use super::product::{pointwise, product};
use super::{Kernels, Maps, Weights, fused};
use crate::Result;
use crate::network::graph::{Geometry, Heads, Layer, Operation};
use crate::network::{BINS, SIDES};

/// Runs one step on what it reads.
pub(super) fn run(
    (operation, weights): (&Operation, &Weights),
    input: &Tensor,
    maps: &Maps,
    kernels: Kernels,
) -> Result<Tensor> {
    match (operation, weights, kernels) {
        (Operation::Convolve { layer, add }, Weights::Layer { weight, bias }, _) => {
            let add = add.map(|add| maps.read(add)).transpose()?;
            let input = input.contiguous()?;
            let convolve = match kernels {
                Kernels::Own => fused::convolve,
                Kernels::Candle => convolve,
            };
            convolve(layer, (weight, bias), &input, add.as_ref())
        }
        (Operation::Spread(_), Weights::Layer { weight, bias }, _) => spread(weight, bias, input),
        (Operation::Double, ..) => {
            let (_, _, height, width) = input.dims4()?;
            Ok(input
                .contiguous()?
                .upsample_nearest2d(2 * height, 2 * width)?)
        }
        (Operation::Widest, _, Kernels::Own) => fused::widest(&input.contiguous()?),
        (Operation::Widest, _, Kernels::Candle) => widest(input),
        (Operation::Attend(heads), ..) => attend(*heads, input),
        (Operation::Convolve { .. } | Operation::Spread(_), Weights::None, _) => {
            unreachable!("weights are uploaded for the step they belong to")
        }
    }
}

/// The convolution of a contiguous map, its activation, and what is added.
fn convolve(
    layer: &Layer,
    (weight, bias): (&Tensor, &Tensor),
    input: &Tensor,
    add: Option<&Tensor>,
) -> Result<Tensor> {
    let Geometry {
        inputs,
        kernel,
        stride,
        depthwise,
        ..
    } = layer.geometry;
    let mut output = if kernel == 1 {
        pointwise(weight, input)?
    } else {
        let groups = if depthwise { inputs } else { 1 };
        input.conv2d(weight, layer.geometry.padding(), stride, 1, groups)?
    };
    output = output.broadcast_add(bias)?;
    if layer.activate {
        output = output.silu()?;
    }
    Ok(match add {
        Some(add) => (output + add)?,
        None => output,
    })
}

/// The transposed convolution as one matrix product: every pixel becomes four.
fn spread(weight: &Tensor, bias: &Tensor, input: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = input.dims4()?;
    let planes = input.contiguous()?.flatten_from(2)?;
    let quads = product(weight, &planes)?.reshape(&[batch, channels, 2, 2, height, width][..])?;
    let pixels = quads.permute([0, 1, 4, 2, 5, 3])?.contiguous()?;
    let pixels = pixels.reshape((batch, channels, 2 * height, 2 * width))?;
    Ok(pixels.broadcast_add(bias)?)
}

/// The largest of the 5×5 neighbours.
///
/// The border is repeated outward, which changes no maximum: what is repeated
/// lies in the window already.
fn widest(input: &Tensor) -> Result<Tensor> {
    let padded = input.pad_with_same(2, 2, 2)?.pad_with_same(3, 2, 2)?;
    Ok(padded.contiguous()?.max_pool2d_with_stride(5, 1)?)
}

fn attend(heads: Heads, packed: &Tensor) -> Result<Tensor> {
    let Heads {
        count,
        keys,
        values,
    } = heads;
    let (batch, _, height, width) = packed.dims4()?;
    let role = |start: usize, channels: usize| -> Result<Tensor> {
        let part = packed.narrow(1, start, count * channels)?.contiguous()?;
        Ok(part.reshape((batch, count, channels, height * width))?)
    };
    // Scaled before the product, which could leave the range of half precision otherwise.
    let query = (role(0, keys)?.transpose(2, 3)?.contiguous()? * f64::from(heads.scale()))?;
    let key = role(count * keys, keys)?;
    let value = role(2 * count * keys, values)?;
    let weights = softmax_last_dim(&query.matmul(&key)?)?;
    let mixed = value.matmul(&weights.transpose(2, 3)?.contiguous()?)?;
    Ok(mixed.reshape((batch, count * values, height, width))?)
}

/// One level's answers `[B, 64 + classes (+ 32), H, W]` to `[B, 4 + classes (+ 32), H * W]`.
///
/// The answer is in single precision: sixteen bits cannot tell neighbouring pixels apart
/// at 2048.
pub(super) fn decode(level: &Tensor, classes: usize, stride: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = level.dims4()?;
    let device = level.device();
    let cells = height * width;
    let level = level.to_dtype(DType::F32)?;
    let level = level.reshape((batch, channels, cells))?;
    let sides = level.narrow(1, 0, SIDES)?.contiguous()?;
    let spread = softmax(&sides.reshape((batch, 4, BINS, cells))?, 2)?;
    let bins = Tensor::arange(0f32, 16f32, device)?.reshape((1, 1, BINS, 1))?;
    // The mean of each distribution, in cells.
    let sides = spread.broadcast_mul(&bins)?.sum(2)?;
    let centres = centres(height, width, device)?;
    let before = centres.broadcast_sub(&sides.narrow(1, 0, 2)?)?;
    let after = centres.broadcast_add(&sides.narrow(1, 2, 2)?)?;
    let centre = ((&before + &after)? * 0.5)?;
    let extent = (after - before)?;
    #[expect(clippy::cast_precision_loss, reason = "8, 16 or 32")]
    let boxes = (Tensor::cat(&[centre, extent], 1)? * stride as f64)?;
    let scores = sigmoid(&level.narrow(1, SIDES, classes)?)?;
    let rest = channels - SIDES - classes;
    if rest == 0 {
        return Ok(Tensor::cat(&[boxes, scores], 1)?);
    }
    let coefficients = level.narrow(1, SIDES + classes, rest)?;
    Ok(Tensor::cat(&[boxes, scores, coefficients], 1)?)
}

/// The centres of all cells, in cells: `[1, 2, cells]`, x then y.
#[expect(
    clippy::cast_precision_loss,
    reason = "a map has fewer than 2^24 cells"
)]
fn centres(height: usize, width: usize, device: &Device) -> Result<Tensor> {
    let cells = 0..height * width;
    let across = cells.clone().map(|cell| (cell % width) as f32 + 0.5);
    let down = cells.map(|cell| (cell / width) as f32 + 0.5);
    let values: Vec<f32> = across.chain(down).collect();
    Ok(Tensor::from_vec(values, (1, 2, height * width), device)?)
}
