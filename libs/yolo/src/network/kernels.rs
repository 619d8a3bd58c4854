//! Convolution steps on the CPU that candle has no fast form of.
//!
//! `Unfold` lays the input out so that a convolution becomes one matrix
//! product; `Depthwise` convolves each channel alone; `Finish` adds the bias
//! and applies SiLU in place. Input is contiguous `f32` in NCHW order.

use candle_core::{CpuStorage, CustomOp1, InplaceOp1, Layout, Result, Shape, bail};
use rayon::prelude::*;

/// Kernel side and stride of a square convolution with "same" padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

// === impl Window ===

impl Window {
    fn padding(self) -> usize {
        self.kernel / 2
    }

    pub(crate) fn output(self, length: usize) -> usize {
        (length + 2 * self.padding() - self.kernel) / self.stride + 1
    }

    /// The outputs whose tap at `offset` lies inside a row of `length`.
    fn inside(self, offset: usize, length: usize) -> std::ops::Range<usize> {
        let padding = self.padding();
        let start = padding.saturating_sub(offset).div_ceil(self.stride);
        let end = (length + padding - offset).div_ceil(self.stride);
        start..end.min(self.output(length)).max(start)
    }
}

/// `[B, C, H, W]` to `[B, C * kernel * kernel, OH * OW]`.
pub(crate) struct Unfold(pub(crate) Window);

impl CustomOp1 for Unfold {
    fn name(&self) -> &'static str {
        "unfold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, channels, height, width) = layout.shape().dims4()?;
        let input = values(storage, layout)?;
        let window = self.0;
        let (rows, columns) = (window.output(height), window.output(width));
        let taps = window.kernel * window.kernel;
        let mut output = vec![0f32; batch * channels * taps * rows * columns];
        let plane = height * width;
        output
            .par_chunks_mut(rows * columns)
            .enumerate()
            .for_each(|(index, target)| {
                let (channel, tap) = (index / taps, index % taps);
                let source = &input[channel * plane..(channel + 1) * plane];
                copy_tap(window, tap, (source, width), (target, columns));
            });
        let shape = Shape::from((batch, channels * taps, rows * columns));
        Ok((CpuStorage::F32(output), shape))
    }
}

/// Copies what one kernel tap sees; what lies outside stays zero.
fn copy_tap(window: Window, tap: usize, from: (&[f32], usize), to: (&mut [f32], usize)) {
    let (source, width) = from;
    let (target, columns) = to;
    let (dy, dx) = (tap / window.kernel, tap % window.kernel);
    let inside = window.inside(dx, width);
    for row in window.inside(dy, source.len() / width) {
        let y = row * window.stride + dy - window.padding();
        let x = inside.start * window.stride + dx - window.padding();
        let source = &source[y * width + x..(y + 1) * width];
        let target = &mut target[row * columns..][inside.clone()];
        if window.stride == 1 {
            target.copy_from_slice(&source[..target.len()]);
            continue;
        }
        for (target, source) in target.iter_mut().zip(source.iter().step_by(window.stride)) {
            *target = *source;
        }
    }
}

/// Convolves every channel with its own kernel, stride 1.
pub(crate) struct Depthwise<'a> {
    pub(crate) weight: &'a [f32],
    pub(crate) kernel: usize,
}

impl CustomOp1 for Depthwise<'_> {
    fn name(&self) -> &'static str {
        "depthwise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, channels, height, width) = layout.shape().dims4()?;
        let input = values(storage, layout)?;
        let taps = self.kernel * self.kernel;
        let mut output = vec![0f32; input.len()];
        let plane = height * width;
        output
            .par_chunks_mut(plane)
            .enumerate()
            .for_each(|(index, target)| {
                let weight = &self.weight[index % channels * taps..][..taps];
                let source = &input[index * plane..(index + 1) * plane];
                self.convolve(weight, source, target, width);
            });
        Ok((CpuStorage::F32(output), layout.shape().clone()))
    }
}

// === impl Depthwise ===

impl Depthwise<'_> {
    fn convolve(&self, weight: &[f32], source: &[f32], target: &mut [f32], width: usize) {
        let window = Window {
            kernel: self.kernel,
            stride: 1,
        };
        let height = source.len() / width;
        for (tap, weight) in weight.iter().enumerate() {
            let (dy, dx) = (tap / self.kernel, tap % self.kernel);
            let inside = window.inside(dx, width);
            for row in window.inside(dy, height) {
                let y = row + dy - window.padding();
                let x = inside.start + dx - window.padding();
                let source = &source[y * width + x..(y + 1) * width];
                let target = &mut target[row * width..][inside.clone()];
                for (target, source) in target.iter_mut().zip(source) {
                    *target += weight * source;
                }
            }
        }
    }
}

/// Adds each channel's bias to its `plane` values, then applies SiLU if asked.
pub(crate) struct Finish<'a> {
    pub(crate) bias: &'a [f32],
    pub(crate) plane: usize,
    pub(crate) activate: bool,
}

impl InplaceOp1 for Finish<'_> {
    fn name(&self) -> &'static str {
        "finish"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(values) = storage else {
            bail!("finish expects single precision");
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("finish expects a contiguous tensor");
        };
        values[start..end]
            .par_chunks_mut(self.plane)
            .enumerate()
            .for_each(|(index, values)| {
                let bias = self.bias[index % self.bias.len()];
                if self.activate {
                    for value in values {
                        *value = silu(*value + bias);
                    }
                } else {
                    for value in values {
                        *value += bias;
                    }
                }
            });
        Ok(())
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!("expected a contiguous tensor");
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

/// `x * sigmoid(x)`, within 2e-7 of exact, in a form that vectorises.
#[inline]
fn silu(x: f32) -> f32 {
    x / (1.0 + exponential(-x))
}

/// `e^x` with a relative error below 2e-7; saturates outside ±87.
#[inline]
fn exponential(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const SHIFT: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    // Rounds to a whole power of two, which is left in the lowest bits.
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let power = shifted - SHIFT;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    let mut sum = 1.987_569_1e-4;
    sum = sum * rest + 1.398_199_9e-3;
    sum = sum * rest + 8.333_452e-3;
    sum = sum * rest + 4.166_579_6e-2;
    sum = sum * rest + 1.666_666_5e-1;
    sum = sum * rest + 0.5;
    let fraction = sum * rest * rest + rest + 1.0;
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    fraction * scale
}

#[cfg(test)]
mod tests {
    use super::{Window, exponential, silu};

    #[test]
    fn the_fast_exponential_is_close_to_the_exact_one() {
        for step in -8700..=8700_i16 {
            let x = f32::from(step) / 100.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exponential(x)) - exact).abs() / exact;
            assert!(error < 2e-7, "{x}: {error}");
        }
        assert!(silu(-1e30).abs() < 1e-3);
        assert!((silu(1e30) - 1e30).abs() < 1e24);
    }

    #[test]
    fn taps_outside_the_picture_are_left_out() {
        let window = Window {
            kernel: 3,
            stride: 2,
        };

        assert_eq!(window.output(7), 4);
        assert_eq!(window.inside(0, 7), 1..4);
        assert_eq!(window.inside(1, 7), 0..4);
        assert_eq!(window.inside(2, 7), 0..3);
    }
}
