//! The kernels of one instruction set, and the choice among them.

use super::loops::decode::{self, Cell};
use super::loops::depthwise::{self, DepthwiseRow};
use super::loops::softmax::{self, Row};
use super::loops::tile::{self, Tile};
use super::loops::transform::{self, Gather, Scatter};
use super::loops::widest::{self, Neighbours};
use super::simd::Simd;

type TileKernel = unsafe fn(&Tile);

/// Functions that are compiled for one instruction set.
///
/// All of them are unsafe: the processor must have the instruction set, which
/// [`best`] sees to, and the pointers must keep what each argument's type says.
#[derive(Debug)]
pub(crate) struct Kernels {
    pub(crate) name: &'static str,
    /// Numbers in a vector.
    pub(super) lanes: usize,
    /// By vectors of channels less one, then by pixels less one.
    tiles: &'static [&'static [TileKernel]],
    pub(super) depthwise: unsafe fn(&DepthwiseRow),
    pub(super) gather: unsafe fn(&Gather),
    pub(super) scatter: unsafe fn(&Scatter),
    pub(super) normalise: unsafe fn(&Row),
    pub(super) widest: unsafe fn(&Neighbours),
    pub(super) decode: unsafe fn(&Cell),
}

// === impl Kernels ===

impl Kernels {
    /// Vectors of channels that one tile has at most.
    pub(super) fn most_vectors(&self) -> usize {
        self.tiles.len()
    }

    /// Pixels that one tile of so many vectors has at most.
    pub(super) fn most_pixels(&self, vectors: usize) -> usize {
        self.tiles[vectors - 1].len()
    }

    /// # Safety
    ///
    /// As for [`tile::compute`].
    #[inline]
    pub(super) unsafe fn tile(&self, pixels: usize, vectors: usize, tile: &Tile) {
        // SAFETY: the caller vouches for the tile.
        unsafe { self.tiles[vectors - 1][pixels - 1](tile) }
    }
}

/// The fastest kernels this processor can run.
pub(crate) fn best() -> &'static Kernels {
    available()[0]
}

/// All kernels this processor can run, fastest first.
pub(crate) fn available() -> Vec<&'static Kernels> {
    let mut all = Vec::new();
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        if avx512 {
            all.push(&avx512::KERNELS);
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(&avx2::KERNELS);
        }
    }
    all.push(&portable::KERNELS);
    all
}

/// Compiles every kernel for one instruction set. `$pixels` are the tiles' pixels, for
/// one vector of channels, for two, and so on: what fits in its registers.
macro_rules! instruction_set {
    ($module:ident, $simd:ty, [$($feature:literal)?], $([$vectors:literal: $($pixels:literal)*])*) => {
        mod $module {
            use super::*;

            $(#[target_feature(enable = $feature)])?
            unsafe fn tile<const M: usize, const N: usize>(tile: &Tile) {
                // SAFETY: the caller vouches for the tile.
                unsafe { tile::compute::<$simd, M, N>(tile) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn depthwise(row: &DepthwiseRow) {
                // SAFETY: the caller vouches for the row.
                unsafe { depthwise::compute::<$simd>(row) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn gather(gather: &Gather) {
                // SAFETY: the caller vouches for the tiles.
                unsafe { transform::gather::<$simd>(gather) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn scatter(scatter: &Scatter) {
                // SAFETY: the caller vouches for the tiles.
                unsafe { transform::scatter::<$simd>(scatter) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn normalise(row: &Row) {
                // SAFETY: the caller vouches for the row.
                unsafe { softmax::normalise::<$simd>(row) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn widest(neighbours: &Neighbours) {
                // SAFETY: the caller vouches for the pixels.
                unsafe { widest::widest::<$simd>(neighbours) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn decode(cell: &Cell) {
                // SAFETY: the caller vouches for the cell.
                unsafe { decode::decode::<$simd>(cell) }
            }

            pub(super) static KERNELS: Kernels = Kernels {
                name: stringify!($module),
                lanes: <$simd>::LANES,
                tiles: &[$(&[$(tile::<$pixels, $vectors>),*]),*],
                depthwise,
                gather,
                scatter,
                normalise,
                widest,
                decode,
            };
        }
    };
}

#[cfg(target_arch = "x86_64")]
instruction_set!(
    avx512, super::super::simd::avx512::Avx512, ["avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"],
    [1: 1 2 3 4 5 6 7 8 9 10 11 12]
    [2: 1 2 3 4 5 6 7 8 9 10 11 12]
    [3: 1 2 3 4 5 6 7 8]
    [4: 1 2 3 4 5 6]
);

#[cfg(target_arch = "x86_64")]
instruction_set!(
    avx2, super::super::simd::avx2::Avx2, ["avx2,fma"],
    [1: 1 2 3 4 5 6 7 8 9 10 11 12]
    [2: 1 2 3 4 5 6]
);

instruction_set!(
    portable, super::super::simd::portable::Portable, [],
    [1: 1 2 3 4 5 6]
    [2: 1 2 3 4 5 6]
    [3: 1 2 3 4]
    [4: 1 2 3]
);
