//! Kernels of our own, and how they are started: on an NVIDIA GPU, and in tests on the
//! processor, where the same sources are compiled as C++.

#[cfg(feature = "cuda")]
mod cuda;
#[cfg(test)]
mod emulated;

use candle_core::op::BackpropOp;
use candle_core::{DType, Error, Layout, Shape, Storage, StorageRef, Tensor};

use crate::Result;

/// Threads of a block of [`Grid::Cells`].
const THREADS: u32 = 256;
/// Threads of a block of [`Grid::Together`]: as many as a block can have.
const TOGETHER: u32 = 1024;

/// Blocks that a grid can have in y.
const MOST_BLOCKS: u32 = 65_535;

/// A kernel and what it is given: values first, then tensors, then the output.
pub(super) struct Launch<'a> {
    /// Its name, with the kind of numbers it is compiled for.
    pub(super) kernel: String,
    pub(super) values: &'a [Value],
    /// Contiguous, on one device.
    pub(super) inputs: &'a [&'a Tensor],
    pub(super) grid: Grid,
    pub(super) output: Output,
}

/// A number that a kernel is given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Whole(usize),
    Single(f32),
}

/// How the work is divided.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grid {
    /// A thread for each cell of each plane.
    Cells { planes: usize, cells: usize },
    /// One block for each group, whose threads wait for each other and share so many words
    /// of memory.
    Together { groups: usize, words: usize },
}

/// What a kernel writes.
pub(super) struct Output {
    shape: Shape,
    dtype: DType,
    zeroed: bool,
}

/// Blocks in x, y and z, threads and bytes of shared memory of a block.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    count: [u32; 3],
    threads: u32,
    shared: u32,
}

/// A value as kernels take it.
#[derive(Clone, Copy, Debug)]
enum Argument {
    Whole(u32),
    Single(f32),
}

// === impl Launch ===

impl Launch<'_> {
    /// Starts the kernel, on the device of its inputs. Nothing waits for it.
    pub(super) fn run(self) -> Result<Tensor> {
        let arguments = self.values.iter().map(|value| value.as_argument());
        let arguments = arguments.collect::<Result<Vec<_>>>()?;
        let guards: Vec<_> = self.inputs.iter().map(|t| t.storage_and_layout()).collect();
        let inputs = guards.iter().map(input).collect::<Result<Vec<_>>>()?;
        let blocks = self.grid.blocks()?;
        let storage = match inputs[0].0 {
            #[cfg(feature = "cuda")]
            Storage::Cuda(_) => cuda::launch(&self, &arguments, &inputs, blocks)?,
            #[cfg(test)]
            Storage::Cpu(_) => emulated::launch(&self, &arguments, &inputs, blocks)?,
            _ => return Err(Error::msg("kernels run on a GPU").into()),
        };
        let Output { shape, .. } = self.output;
        Ok(Tensor::from_storage(
            storage,
            shape,
            BackpropOp::none(),
            false,
        ))
    }
}

/// A contiguous tensor's memory, its first number and the one after its last.
fn input<'a>(
    (storage, layout): &'a (StorageRef<'_>, &Layout),
) -> Result<(&'a Storage, (usize, usize))> {
    let Some(range) = layout.contiguous_offsets() else {
        return Err(Error::msg("a kernel was given a tensor in pieces").into());
    };
    Ok((storage, range))
}

/// A kernel that is compiled for several kinds of numbers, by the kind.
pub(super) fn named(kernel: &str, dtype: DType) -> Result<String> {
    let numbers = match dtype {
        DType::F32 => "f32",
        DType::F16 => "f16",
        DType::BF16 => "bf16",
        other => return Err(unsupported(other)),
    };
    Ok(format!("{kernel}_{numbers}"))
}

fn unsupported(dtype: DType) -> crate::Error {
    Error::msg(format!("no kernel for {dtype:?}")).into()
}

// === impl Output ===

impl Output {
    /// Numbers that the kernel writes one and all.
    pub(super) fn filled(shape: impl Into<Shape>, dtype: DType) -> Self {
        Self {
            shape: shape.into(),
            dtype,
            zeroed: false,
        }
    }

    /// Zeros, some of which the kernel replaces.
    pub(super) fn zeros(shape: impl Into<Shape>, dtype: DType) -> Self {
        Self {
            zeroed: true,
            ..Self::filled(shape, dtype)
        }
    }
}

// === impl Value ===

impl Value {
    fn as_argument(self) -> Result<Argument> {
        Ok(match self {
            Self::Whole(number) => Argument::Whole(whole(number)?),
            Self::Single(number) => Argument::Single(number),
        })
    }
}

fn whole(number: usize) -> Result<u32> {
    Ok(u32::try_from(number).map_err(Error::wrap)?)
}

// === impl Grid ===

impl Grid {
    fn blocks(self) -> Result<Blocks> {
        Ok(match self {
            Self::Cells { planes, cells } => {
                let blocks = whole(cells)?.div_ceil(THREADS);
                let deep = blocks.div_ceil(MOST_BLOCKS).max(1);
                Blocks {
                    count: [whole(planes)?, blocks.div_ceil(deep), deep],
                    threads: THREADS,
                    shared: 0,
                }
            }
            Self::Together { groups, words } => Blocks {
                count: [whole(groups)?, 1, 1],
                threads: TOGETHER,
                shared: whole(words * size_of::<u32>())?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Blocks, Grid};

    #[test]
    fn every_cell_has_a_thread_and_no_grid_is_too_large() {
        // The mask of a photo, and the largest input.
        for cells in [1, 256, 257, 4096 * 4096, 12_000 * 5_333, 64_000_000] {
            let grid = Grid::Cells { planes: 3, cells };

            let Blocks { count, threads, .. } = grid.blocks().unwrap();

            let [planes, across, deep] = count.map(|count| usize::try_from(count).unwrap());
            let threads = usize::try_from(threads).unwrap() * across * deep;
            assert!(planes == 3 && across <= 65_535 && deep <= 65_535);
            assert!(threads >= cells && threads - cells < 256 * (deep + 1));
        }
    }
}
