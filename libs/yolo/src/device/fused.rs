//! Kernels of our own on an NVIDIA GPU: see `kernels.cu`.
//!
//! A convolution is unfolded and becomes one matrix product, whose result one more kernel
//! finishes. Nothing here waits for the device.

#![expect(unsafe_code, reason = "kernels take what they are given")]

use candle_core::cuda_backend::cudarc::driver::{
    CudaView, DeviceRepr, LaunchConfig, PushKernelArg as _,
};
use candle_core::cuda_backend::{CudaDType, CudaStorage, WrapErr as _};
use candle_core::op::BackpropOp;
use candle_core::{DType, Device, Error, Shape, Storage, StorageRef, Tensor};
use half::{bf16, f16};

use super::operations::{pointwise, product};
use crate::Result;
use crate::network::graph::{Geometry, Layer};

const KERNELS: &str = include_str!(concat!(env!("OUT_DIR"), "/kernels.ptx"));
/// Threads of a block, which are cells of a plane.
const THREADS: u32 = 256;

/// Numbers that the kernels are compiled for.
trait Number: CudaDType + DeviceRepr {
    const NAME: &str;
}

impl Number for f32 {
    const NAME: &str = "f32";
}

impl Number for f16 {
    const NAME: &str = "f16";
}

impl Number for bf16 {
    const NAME: &str = "bf16";
}

/// A kernel and what it is given: whole numbers first, then tensors, then the output.
struct Launch<'a> {
    kernel: &'static str,
    numbers: &'a [usize],
    inputs: &'a [&'a Tensor],
    planes: usize,
    cells: usize,
    shape: Shape,
}

/// Keeps candle's descriptions of tensors on the device while it lives and afterwards.
/// Otherwise every launch on a tensor that is not contiguous uploads one, from memory that
/// the driver copies from at its leisure.
pub(super) fn keep_shapes(device: &Device) -> Option<impl Drop + use<>> {
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
        let launch = Launch {
            kernel: "depthwise",
            numbers: &[channels, height, width, usize::from(layer.activate)],
            inputs: &[input, weight, bias],
            planes: batch * channels,
            cells: height * width,
            shape: input.shape().clone(),
        };
        return launch.like_its_inputs();
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
    let launch = Launch {
        kernel: "unfold",
        numbers: &[height, width, out_width, cells, kernel, stride],
        inputs: &[input],
        planes: batch * inputs,
        cells,
        shape: (batch, inputs * kernel * kernel, cells).into(),
    };
    let output = product(&weight.flatten_from(1)?, &launch.like_its_inputs()?)?;
    Ok(output.reshape((batch, outputs, out_height, out_width))?)
}

/// Adds the bias, activates, and adds what is to be added.
fn finish(layer: &Layer, bias: &Tensor, values: &Tensor, add: Option<&Tensor>) -> Result<Tensor> {
    let (batch, channels, height, width) = values.dims4()?;
    let cells = height * width;
    let flags = [layer.activate, add.is_some()].map(usize::from);
    let add = add.map(Tensor::contiguous).transpose()?;
    let launch = Launch {
        kernel: "finish",
        numbers: &[channels, cells, flags[0], flags[1]],
        inputs: &[values, bias, add.as_ref().unwrap_or(values)],
        planes: batch * channels,
        cells,
        shape: values.shape().clone(),
    };
    launch.like_its_inputs()
}

/// The largest of the 5×5 neighbours.
pub(super) fn widest(input: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = input.dims4()?;
    let launch = Launch {
        kernel: "widest",
        numbers: &[height, width],
        inputs: &[input],
        planes: batch * channels,
        cells: height * width,
        shape: input.shape().clone(),
    };
    launch.like_its_inputs()
}

/// One level's answers `[B, 64 + classes (+ 32), H, W]` to `[B, 4 + classes (+ 32), H * W]`.
pub(super) fn decode(level: &Tensor, classes: usize, stride: usize) -> Result<Tensor> {
    let (batch, channels, height, width) = level.dims4()?;
    let cells = height * width;
    let launch = Launch {
        kernel: "decode",
        numbers: &[channels, classes, width, cells, stride],
        inputs: &[level],
        planes: batch * (channels - 63),
        cells,
        shape: (batch, channels - 60, cells).into(),
    };
    match level.dtype() {
        DType::F32 => launch.run::<f32, f32>(),
        DType::F16 => launch.run::<f16, f32>(),
        DType::BF16 => launch.run::<bf16, f32>(),
        other => Err(unsupported(other)),
    }
}

// === impl Launch ===

impl Launch<'_> {
    /// Runs the kernel; the output holds numbers of the inputs' kind.
    fn like_its_inputs(self) -> Result<Tensor> {
        match self.inputs[0].dtype() {
            DType::F32 => self.run::<f32, f32>(),
            DType::F16 => self.run::<f16, f16>(),
            DType::BF16 => self.run::<bf16, bf16>(),
            other => Err(unsupported(other)),
        }
    }

    fn run<T: Number, O: Number>(self) -> Result<Tensor> {
        let device = self.inputs[0].device().as_cuda_device()?;
        let name = format!("{}_{}", self.kernel, T::NAME);
        let function = device.get_or_load_custom_func(&name, "demeter", KERNELS)?;
        let whole = |number: usize| u32::try_from(number).map_err(Error::wrap);
        let numbers = self.numbers.iter().map(|number| whole(*number));
        let numbers = numbers.collect::<candle_core::Result<Vec<u32>>>()?;
        let guards: Vec<_> = self.inputs.iter().map(|t| t.storage_and_layout()).collect();
        let views = guards.iter().map(|(storage, layout)| {
            let range = layout.contiguous_offsets();
            view::<T>(storage, range)
        });
        let views = views.collect::<candle_core::Result<Vec<_>>>()?;
        // SAFETY: the kernel writes every number of it before anything reads it.
        let output = unsafe { device.alloc::<O>(self.shape.elem_count()) }?;
        let config = LaunchConfig {
            grid_dim: (whole(self.planes)?, whole(self.cells)?.div_ceil(THREADS), 1),
            block_dim: (THREADS, 1, 1),
            shared_mem_bytes: 0,
        };
        let mut arguments = function.builder();
        for number in &numbers {
            arguments.arg(number);
        }
        for view in &views {
            arguments.arg(view);
        }
        arguments.arg(&output);
        // SAFETY: the arguments are the kernel's, in its order, and the grid's planes and
        // cells are those of the tensors, outside of which no thread reads or writes.
        unsafe { arguments.launch(config) }.w()?;
        let storage = CudaStorage::wrap_cuda_slice(output, device.clone());
        let storage = Storage::Cuda(storage);
        Ok(Tensor::from_storage(
            storage,
            self.shape,
            BackpropOp::none(),
            false,
        ))
    }
}

/// The numbers of a contiguous tensor on the device.
fn view<'a, T: Number>(
    storage: &'a StorageRef<'_>,
    range: Option<(usize, usize)>,
) -> candle_core::Result<CudaView<'a, T>> {
    let (Storage::Cuda(storage), Some((start, end))) = (&**storage, range) else {
        return Err(Error::msg(
            "a kernel was given a tensor in pieces or elsewhere",
        ));
    };
    Ok(storage.as_cuda_slice::<T>()?.slice(start..end))
}

fn unsupported(dtype: DType) -> crate::Error {
    Error::msg(format!("no kernel for {dtype:?}")).into()
}
