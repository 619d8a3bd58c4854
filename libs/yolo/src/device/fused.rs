//! The network's layers in kernels of our own: see `kernels/network.cu`.
//!
//! A convolution is unfolded and becomes one matrix product, whose result one more kernel
//! finishes. Nothing here waits for the device.

use candle_core::{DType, Shape, Tensor};

use super::launch::{Grid, Launch, Output, Value, named};
use super::product::{pointwise, product};
use crate::Result;
use crate::network::graph::{Geometry, Layer};

/// Keeps candle's descriptions of tensors on the device while it lives and afterwards.
/// Otherwise every launch on a tensor that is not contiguous uploads one, from memory that
/// the driver copies from at its leisure.
#[cfg(feature = "cuda")]
pub(super) fn keep_shapes(device: &candle_core::Device) -> Option<impl Drop + use<>> {
    let device = device.as_cuda_device().ok()?;
    Some(device.enable_cuda_graph_htod_cache())
}

/// A convolution of a contiguous map, its activation, and what is added.
pub(super) fn convolve(
    layer: &Layer,
    (weight, bias): (&Tensor, &Tensor),
    input: &Tensor,
    add: Option<&Tensor>,
) -> Result<Tensor> {
    let Geometry {
        inputs: channels,
        kernel,
        depthwise,
        ..
    } = layer.geometry;
    let (batch, _, height, width) = input.dims4()?;
    if depthwise && add.is_none() {
        let values = [channels, height, width, usize::from(layer.activate)];
        let planes = (batch * channels, height * width);
        return launch(
            "depthwise",
            &values,
            &[input, weight, bias],
            planes,
            input.shape(),
        );
    }
    let output = if kernel == 1 {
        pointwise(weight, input)?
    } else if depthwise || cfg!(feature = "cudnn") {
        let groups = if depthwise { channels } else { 1 };
        let Geometry { stride, .. } = layer.geometry;
        input.conv2d(weight, layer.geometry.padding(), stride, 1, groups)?
    } else {
        unfolded(layer.geometry, weight, input)?
    };
    finish(layer, bias, &output, add)
}

/// A convolution as a matrix product.
fn unfolded(geometry: Geometry, weight: &Tensor, input: &Tensor) -> Result<Tensor> {
    let Geometry {
        inputs,
        outputs,
        kernel,
        stride,
        ..
    } = geometry;
    let (batch, _, height, width) = input.dims4()?;
    let [out_height, out_width] = [height, width].map(|side| geometry.output(side));
    let cells = out_height * out_width;
    let values = [height, width, out_width, cells, kernel, stride];
    let shape = (batch, inputs * kernel * kernel, cells).into();
    let planes = launch("unfold", &values, &[input], (batch * inputs, cells), &shape)?;
    let output = product(&weight.flatten_from(1)?, &planes)?;
    Ok(output.reshape((batch, outputs, out_height, out_width))?)
}

/// Adds the bias, activates, and adds what is to be added.
fn finish(layer: &Layer, bias: &Tensor, output: &Tensor, add: Option<&Tensor>) -> Result<Tensor> {
    let (batch, channels, height, width) = output.dims4()?;
    let cells = height * width;
    let [activate, adds] = [layer.activate, add.is_some()].map(usize::from);
    let add = add.map(Tensor::contiguous).transpose()?;
    let inputs = [output, bias, add.as_ref().unwrap_or(output)];
    let planes = (batch * channels, cells);
    let values = [channels, cells, activate, adds];
    launch("finish", &values, &inputs, planes, output.shape())
}

/// The largest of the 5×5 neighbours.
pub(super) fn widest(input: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = input.dims4()?;
    let planes = (batch * channels, height * width);
    launch("widest", &[height, width], &[input], planes, input.shape())
}

/// Starts a kernel whose output holds numbers of the inputs' kind.
fn launch(
    kernel: &str,
    values: &[usize],
    inputs: &[&Tensor],
    (planes, cells): (usize, usize),
    shape: &Shape,
) -> Result<Tensor> {
    let dtype = inputs[0].dtype();
    let values: Vec<Value> = values.iter().copied().map(Value::Whole).collect();
    let launch = Launch {
        kernel: named(kernel, dtype)?,
        values: &values,
        inputs,
        grid: Grid::Cells { planes, cells },
        output: Output::filled(shape, dtype),
    };
    launch.run()
}

/// One level's answers `[B, 64 + classes (+ 32), H, W]` to `[B, 4 + classes (+ 32), H * W]`.
pub(super) fn decode(level: &Tensor, classes: usize, stride: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = level.dims4()?;
    let cells = height * width;
    let launch = Launch {
        kernel: named("decode", level.dtype())?,
        values: &[channels, classes, width, cells, stride].map(Value::Whole),
        inputs: &[level],
        grid: Grid::Cells {
            planes: batch * (channels - 63),
            cells,
        },
        output: Output::filled((batch, channels - 60, cells), DType::F32),
    };
    launch.run()
}
