//! Kernels on an NVIDIA GPU.

#![expect(unsafe_code, reason = "kernels take what they are given")]

use candle_core::backend::BackendStorage as _;
use candle_core::cuda_backend::cudarc::driver::{
    CudaView, DeviceRepr, LaunchConfig, PushKernelArg as _, ValidAsZeroBits,
};
use candle_core::cuda_backend::{CudaDType, CudaStorage, WrapErr as _};
use candle_core::{DType, Error, Result, Storage};
use half::{bf16, f16};

use super::{Argument, Blocks, Launch};

const KERNELS: &str = include_str!(concat!(env!("OUT_DIR"), "/kernels.ptx"));

/// The numbers of a contiguous tensor on the device.
enum View<'a> {
    Bytes(CudaView<'a, u8>),
    Whole(CudaView<'a, u32>),
    Single(CudaView<'a, f32>),
    Half(CudaView<'a, f16>),
    Brain(CudaView<'a, bf16>),
}

pub(super) fn launch(
    launch: &Launch,
    arguments: &[Argument],
    inputs: &[(&Storage, (usize, usize))],
    blocks: Blocks,
) -> Result<Storage> {
    let views = inputs.iter().map(|(storage, range)| view(storage, *range));
    let views = views.collect::<Result<Vec<_>>>()?;
    match launch.output.dtype {
        DType::U8 => write::<u8>(launch, arguments, &views, blocks),
        DType::U32 => write::<u32>(launch, arguments, &views, blocks),
        DType::F32 => write::<f32>(launch, arguments, &views, blocks),
        DType::F16 => write::<f16>(launch, arguments, &views, blocks),
        DType::BF16 => write::<bf16>(launch, arguments, &views, blocks),
        other => Err(Error::msg(format!("no kernel writes {other:?}"))),
    }
}

fn write<T: CudaDType + DeviceRepr + ValidAsZeroBits>(
    launch: &Launch,
    arguments: &[Argument],
    views: &[View],
    blocks: Blocks,
) -> Result<Storage> {
    let device = launch.inputs[0].device().as_cuda_device()?;
    let function = device.get_or_load_custom_func(&launch.kernel, "demeter", KERNELS)?;
    let length = launch.output.shape.elem_count();
    let output = if launch.output.zeroed {
        device.alloc_zeros::<T>(length)?
    } else {
        // SAFETY: the kernel writes every number of it before anything reads it.
        unsafe { device.alloc::<T>(length) }?
    };
    let config = LaunchConfig {
        grid_dim: blocks.count.into(),
        block_dim: (blocks.threads, 1, 1),
        shared_mem_bytes: blocks.shared,
    };
    let mut builder = function.builder();
    for argument in arguments {
        match argument {
            Argument::Whole(number) => builder.arg(number),
            Argument::Single(number) => builder.arg(number),
        };
    }
    for view in views {
        match view {
            View::Bytes(view) => builder.arg(view),
            View::Whole(view) => builder.arg(view),
            View::Single(view) => builder.arg(view),
            View::Half(view) => builder.arg(view),
            View::Brain(view) => builder.arg(view),
        };
    }
    builder.arg(&output);
    // SAFETY: the arguments are the kernel's, in its order, and the grid's planes and
    // cells are those of the tensors, outside of which no thread reads or writes.
    unsafe { builder.launch(config) }.w()?;
    Ok(Storage::Cuda(CudaStorage::wrap_cuda_slice(
        output,
        device.clone(),
    )))
}

fn view(storage: &Storage, (start, end): (usize, usize)) -> Result<View<'_>> {
    let Storage::Cuda(storage) = storage else {
        return Err(Error::msg("a kernel was given a tensor elsewhere"));
    };
    let range = start..end;
    Ok(match storage.dtype() {
        DType::U8 => View::Bytes(storage.as_cuda_slice()?.slice(range)),
        DType::U32 => View::Whole(storage.as_cuda_slice()?.slice(range)),
        DType::F32 => View::Single(storage.as_cuda_slice()?.slice(range)),
        DType::F16 => View::Half(storage.as_cuda_slice()?.slice(range)),
        DType::BF16 => View::Brain(storage.as_cuda_slice()?.slice(range)),
        other => return Err(Error::msg(format!("no kernel reads {other:?}"))),
    })
}
